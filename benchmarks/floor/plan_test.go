package floor

import (
	"bytes"
	"fmt"
	"net"
	"testing"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// The second request fills the plan that the first one made; the frames must be those of the
// second.
func TestAPlanFitsEveryRequestOfItsKind(t *testing.T) {
	for _, payload := range []int{200, 16 << 10} {
		for name, kind := range map[string][2][]string{
			"nodes":     {message.Nodes(0, 3), message.Nodes(70, 73)},
			"broadcast": {{message.Broadcast}, {message.Broadcast}},
		} {
			t.Run(fmt.Sprint(name, payload), func(t *testing.T) {
				body := message.NewBody(payload)
				p, err := newPlan(message.Request(1, kind[0], body))
				if err != nil {
					t.Fatal(err)
				}
				p.fill(of(7, message.Request(23, kind[1], body)))
				var want []byte
				for _, target := range kind[1] {
					want = wire.AppendPub(want, []byte(target), of(7, message.Copy(23, body)))
				}
				if !bytes.Equal(p.all(), want) {
					t.Errorf("%.3000s", p.all())
				}
			})
		}
	}
}

// of makes a message that of another client.
func of(client int, m []byte) []byte {
	message.PutNumber(m[message.ClientAt(m):], client)
	return m
}

func (p *plan) all() []byte {
	if p.pieces == nil {
		return p.frames
	}
	return bytes.Join(net.Buffers(p.pieces), nil)
}

func TestRepliesLoseTheFederationHeaderOnly(t *testing.T) {
	m := message.Reply(5, 9, message.NewBody(200))
	var r replies
	r.carry(bare.Msg{Payload: m})
	at := bytes.Index(m, []byte(`,"federation"`))
	want := wire.AppendPub(nil, []byte(message.ReplyTo(0)), append(bytes.Clone(m[:at]), "}}"...))
	if r.err != nil || !bytes.Equal(r.frames, want) {
		t.Errorf("%v\n got %s\nwant %s", r.err, r.frames, want)
	}
	for _, bad := range [][]byte{nil, []byte("short"), bytes.Repeat([]byte("x"), 100), m[:at]} {
		var r replies
		if r.carry(bare.Msg{Payload: bad}); r.err == nil {
			t.Errorf("%.40q was carried", bad)
		}
	}
	if _, err := newPlan([]byte("{")); err == nil {
		t.Error("half a request was planned")
	}
}
