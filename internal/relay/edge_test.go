package relay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// edgeAddress is the return address of the edges under test.
const edgeAddress = "mcollective.reply.edge." + fedtest.Group + "." + fedtest.Cluster + ".="

// A chain is an edge and a relay behind it, with taps on the three networks.
type chain struct {
	networks      *fedtest.Networks
	edge, relay   *fedtest.Relay
	clients, line *fedtest.Tap
	nodes         *fedtest.Tap
}

// newChain starts servers, an edge and a relay; set, if any, changes the settings of both.
func newChain(t *testing.T, set func(*config.Config)) *chain {
	t.Helper()
	n := fedtest.StartLine(t, embedded.Options{})
	c := &chain{
		networks: n,
		clients:  fedtest.NewTap(t, n.Federation), line: fedtest.NewTap(t, n.Line), nodes: fedtest.NewTap(t, n.Collective),
	}
	edge, relay := n.EdgeConfig(), n.Config()
	if set != nil {
		set(&edge)
		set(&relay)
	}
	c.relay = fedtest.StartRelay(t, relay)
	c.edge = fedtest.StartRelay(t, edge)
	return c
}

// onEachWire runs f for both forms of requests, on both planes.
func onEachWire(t *testing.T, f func(t *testing.T, set func(*config.Config))) {
	for _, form := range []string{config.WireCompact, config.WireJSON} {
		for _, portable := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/portable=%v", form, portable), func(t *testing.T) {
				f(t, func(c *config.Config) {
					c.Pipeline.Portable = portable
					if c.IsEdge() {
						c.Edge.Wire = form
					}
				})
			})
		}
	}
}

// settled waits until the books of both balance, and checks that they agree: each copy that the
// edge has confirmed is one that the relay has had to publish.
func (c *chain) settled(t *testing.T) (edge, relay [2]pipeline.Snapshot) {
	t.Helper()
	read := func() {
		edge[0], edge[1] = c.edge.Ledgers()
		relay[0], relay[1] = c.relay.Ledgers()
	}
	fedtest.Eventually(t, "the books of both legs balance", func() bool {
		read()
		return edge[0].Balanced() && edge[1].Balanced() && relay[0].Balanced() && relay[1].Balanced() &&
			edge[0].Fate(pipeline.Confirmed) == relay[0].Copies && relay[1].Fate(pipeline.Confirmed) == edge[1].Copies
	})
	return edge, relay
}

func TestARequestAndItsRepliesThroughAnEdge(t *testing.T) {
	onEachWire(t, func(t *testing.T, set func(*config.Config)) {
		c := newChain(t, set)
		nodes := fedtest.Nodes(450)
		for _, group := range [][]string{nodes[:200], nodes[200:400], nodes[400:]} {
			c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", group...))
		}
		want := strings.Replace(fedtest.Request("q"), `"reply-to":"`+fedtest.ReplySubject("q"), `"reply-to":"`+fedtest.CollectiveSubject, 1)
		want = strings.Replace(want, `"target":[""]`, fmt.Sprintf(`"reply-to":"%s.%s"`, edgeAddress, fedtest.ReplySubject("q")), 1)
		for _, node := range nodes {
			m := c.nodes.Next()
			if got := withoutHops(string(m.Data)); m.Subject != node || got != want {
				t.Fatalf("%s, not %s:\n got %s\nwant %s", m.Subject, node, got, want)
			}
		}
		for i := range nodes {
			c.nodes.Send(fedtest.CollectiveSubject, edgeReply("q", fmt.Sprint("n", i)))
		}
		for i := range nodes {
			m := c.clients.Next()
			want := fmt.Sprintf(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"n%d"}}`, i)
			if m.Subject != fedtest.ReplySubject("q") || string(m.Data) != want {
				t.Fatalf("%s: %s", m.Subject, m.Data)
			}
		}
		edge, relay := c.settled(t)
		if edge[0].Copies != 450 || relay[0].Fate(pipeline.Confirmed) != 450 || edge[1].Fate(pipeline.Confirmed) != 450 {
			t.Errorf("edge: %s; %s\nrelay: %s; %s", edge[0].String(), edge[1].String(), relay[0].String(), relay[1].String())
		}
	})
}

// edgeReply is the reply of a node to a request that came through an edge.
func edgeReply(id, node string) string {
	return strings.Replace(fedtest.Reply(id, node), `"reply-to":"`, `"reply-to":"`+edgeAddress+".", 1)
}

// withoutHops cuts off the hops that edge and relay have added.
func withoutHops(payload string) string {
	from := strings.Index(payload, `]],`)
	first := strings.Index(payload, `],[`)
	if first < 0 || from < 0 {
		return payload
	}
	return payload[:first] + payload[from:]
}

// What one read brings of the same request crosses the line as one message.
func TestGroupsOfARequestCrossTheLineTogether(t *testing.T) {
	c := newChain(t, nil)
	nodes := fedtest.Nodes(1000)
	for i := range 5 {
		if err := c.clients.Publish(fedtest.FederationSubject, []byte(fedtest.Request("q", nodes[200*i:200*i+200]...))); err != nil {
			t.Fatal(err)
		}
	}
	c.clients.Sync()
	var got []string
	messages := 0
	for ; len(got) < 1000; messages++ {
		m := c.line.Next()
		var d compact.Decoder
		contents, reason := d.Open(m.Data, compact.Limits{Bytes: 1 << 24, Messages: 100, Targets: 1000})
		if reason != wire.OK || contents.Kind != compact.KindRequest || contents.Hops != 1 || m.Subject != fedtest.FederationSubject {
			t.Fatalf("%s: %s, %+v", m.Subject, reason, contents)
		}
		text, places := d.Append(nil, nil)
		for _, p := range places {
			var env wire.Envelope
			targets, _ := wire.Scan(p.Of(text), wire.Limits{Depth: 16, Hops: 16, Targets: 1000}, &env, nil)
			for _, s := range targets {
				got = append(got, string(s.Of(p.Of(text))))
			}
		}
	}
	if !slices.Equal(got, nodes) || messages > 4 {
		t.Errorf("%d targets in %d messages", len(got), messages)
	}
	c.settled(t)
}
