package compact

import (
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

func TestARequestComesBackAsItsMessages(t *testing.T) {
	text := []byte("m.node.am.node.b")
	r := Request{
		Parts: wire.Parts{
			Version: wire.V1,
			Data:    []byte(`"aGVsbG8="`), Reply: []byte("m.reply.c1"), Sender: []byte("client"), FedRequest: []byte("4f"),
			Text: text, Targets: []wire.Span{{Off: 0, Len: 8}, {Off: 8, Len: 8}},
		},
		Groups: []int{1, 2}, Deadline: 7, Hops: 1,
	}
	var e Encoder
	var d Decoder
	m := e.AppendRequest(nil, &r)
	c, reason := d.Open(m, generous)
	if reason != wire.OK || c.Messages != 2 || c.Deadline != 7 || c.Hops != 1 || c.Kind != KindRequest {
		t.Fatalf("%+v, %q", c, reason)
	}
	b, places := d.Append([]byte("x"), nil)
	want := `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"m.reply.c1","mc_sender":"client",` +
		`"federation":{"req":"4f","target":["m.node.b"]}}}`
	if got := string(places[1].Of(b)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(b) != 1+c.Bytes {
		t.Errorf("%d bytes, not %d", len(b)-1, c.Bytes)
	}
}
