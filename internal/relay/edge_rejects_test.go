package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// rejects sends a message to a path of the edge, 0 for requests, and returns why it is rejected.
func (c *chain) rejects(t *testing.T, subject, message string, path int) (reason wire.Reason) {
	t.Helper()
	read := func() pipeline.Snapshot {
		request, reply := c.edge.Ledgers()
		return []pipeline.Snapshot{request, reply}[path]
	}
	before := read()
	[]*fedtest.Tap{c.clients, c.line}[path].Send(subject, message)
	fedtest.Eventually(t, "the message is rejected", func() bool {
		for r, n := range read().Rejected {
			if n > before.Rejected[r] {
				reason = wire.Reason(r)
			}
		}
		return reason != wire.OK
	})
	return reason
}

func TestWhatAnEdgeRejects(t *testing.T) {
	c := newChain(t, nil)
	inner := fedtest.ReplySubject("q")
	replies := func(address string) string {
		part := wire.Parts{Version: wire.V1, Data: []byte(`"aGk="`), FedRequest: []byte("4f"), FedReply: []byte(inner)}
		return string(new(compact.Encoder).AppendReplies(nil, []byte(address), []wire.Parts{part}))
	}
	replyTo := func(subject string) string {
		return strings.Replace(fedtest.Request("q", fedtest.Node("a")), inner, subject, 1)
	}
	marks := strings.Repeat("m.reply.edge.x.y.=.", wire.MaxEdges)
	single := `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"n1"}}`
	const clients, line = 0, 1
	for what, m := range map[string]struct {
		subject, message string
		path             int
		want             wire.Reason
	}{
		"replies for another edge":     {edgeAddress, replies("mcollective.reply.edge.fra.london.="), line, wire.Misdirected},
		"replies for no edge":          {edgeAddress, replies("mcollective.reply.c1.="), line, wire.Misdirected},
		"a request for replies":        {edgeAddress, compactOf(t, fedtest.Request("q", fedtest.Node("a"))), line, wire.CompactKind},
		"replies for a request":        {fedtest.FederationSubject, replies(edgeAddress), clients, wire.CompactKind},
		"half a bundle":                {edgeAddress, replies(edgeAddress)[:20], line, wire.CompactChecksum},
		"a single reply to nobody":     {edgeAddress, single, line, wire.NoReply},
		"a single reply to nodes":      {edgeAddress + ".mcollective.node.a", single, line, wire.ReplyNotAllowed},
		"a single reply to brokers":    {edgeAddress + "." + fedtest.FederationSubject, single, line, wire.Loop},
		"a request that has been here": {fedtest.FederationSubject, replyTo(edgeAddress + "." + inner), clients, wire.Loop},
		"too many edges":               {fedtest.FederationSubject, replyTo(marks + inner), clients, wire.TooManyEdges},
		"a reply subject too long":     {fedtest.FederationSubject, replyTo(inner + "." + strings.Repeat("x", 170)), clients, wire.SubjectTooLong},
		"a request that is late":       {fedtest.FederationSubject, withDeadline(t, time.Now().Add(-time.Minute)), clients, wire.Late},
	} {
		if got := c.rejects(t, m.subject, m.message, m.path); got != m.want {
			t.Errorf("%s: %s, want %s", what, got, m.want)
		}
	}
	if n := c.clients.Seen() + c.nodes.Seen(); n != 0 {
		t.Errorf("%d messages were published", n)
	}
}

// withDeadline is a compact request to one node.
func withDeadline(t *testing.T, deadline time.Time) string {
	t.Helper()
	var d compact.Decoder
	m := []byte(compactOf(t, fedtest.Request("q", fedtest.Node("a"))))
	if _, reason := d.Open(m, compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9}); reason != wire.OK {
		t.Fatal(reason)
	}
	target := []byte(fedtest.Node("a"))
	return string(new(compact.Encoder).AppendRequest(nil, &compact.Request{
		Parts: wire.Parts{
			Version: wire.V1, Data: []byte(`"aGVsbG8="`), Reply: []byte(fedtest.ReplySubject("q")), FedRequest: []byte("q"),
			Text: target, Targets: []wire.Span{{Len: uint32(len(target))}},
		},
		Deadline: deadline.UnixMilli(),
	}))
}

// Clocks may differ by a few seconds. A request in time keeps its deadline on the line.
func TestARequestThatIsHardlyLateIsCarried(t *testing.T) {
	c := newChain(t, nil)
	deadline := time.Now().Add(-2 * time.Second)
	c.clients.Send(fedtest.FederationSubject, withDeadline(t, deadline))
	if m := c.nodes.Next(); m.Subject != fedtest.Node("a") {
		t.Error(m.Subject)
	}
	var d compact.Decoder
	contents, _ := d.Open(c.line.Next().Data, compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9})
	if contents.Deadline != deadline.UnixMilli() || contents.Hops != 1 {
		t.Errorf("%+v", contents)
	}
	// The relay judges, too.
	c.line.Send(fedtest.FederationSubject, withDeadline(t, time.Now().Add(-time.Minute)))
	fedtest.Eventually(t, "the relay rejects it", func() bool {
		request, _ := c.relay.Ledgers()
		return request.Rejected[wire.Late] == 1
	})
}
