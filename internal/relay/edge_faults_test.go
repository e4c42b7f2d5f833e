package relay_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// On one network an edge would get back what it sends.
func TestAnEdgeBetweenOneNetworkCarriesNothing(t *testing.T) {
	s := fedtest.StartServer(t, embedded.Options{})
	n := &fedtest.Networks{Federation: s, Line: s}
	var log logBook
	e := fedtest.LaunchRelayWith(t, n.EdgeConfig(), relay.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	const text = "federation and line are one network (both are connected to server "
	says(t, e, text)
	fedtest.Eventually(t, "it is logged", func() bool { return log.count(text) > 0 })
	client := fedtest.NewTap(t, s)
	client.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(2)...))
	client.Send(edgeAddress+"."+fedtest.ReplySubject("q"), `{}`)
	for _, side := range e.Sides() {
		if side.Subscribed {
			t.Errorf("subscribed on the %s", side.Name)
		}
	}
	if request, reply := e.Ledgers(); request.Received+reply.Received != 0 {
		t.Error(e.LedgerLine())
	}
	fedtest.Eventually(t, "that is all it says", func() bool {
		ok, reasons := e.Ready()
		return !ok && len(reasons) == 1
	})
}

// Two edges that lead to each other find their own address in what comes back.
func TestEdgesThatFeedEachOtherEndTheLoop(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	there := edgeConfig(n, "edge1", config.WireCompact)
	back := edgeConfig(n, "edge2", config.WireJSON)
	back.Federation, back.Line = back.Line, back.Federation
	back.Federation.Name, back.Line.Name = "federation", "line"
	back.Edge.Group = "fra"
	a, b := fedtest.StartRelay(t, there), fedtest.StartRelay(t, back)
	client := fedtest.NewTap(t, n.Federation)
	client.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(3)...))
	fedtest.Eventually(t, "the loop ends", func() bool {
		request, _ := a.Ledgers()
		return request.Rejected[wire.Loop] == 1
	})
	settle(t, a, b)
	if request, _ := b.Ledgers(); request.Received != 1 || request.Copies != 3 {
		t.Error(b.LedgerLine())
	}
}

func TestAnEdgeBehindAnEdge(t *testing.T) {
	for _, kind := range []string{"new", "old"} {
		t.Run(kind+" relay", func(t *testing.T) {
			n := fedtest.StartLine(t, embedded.Options{})
			far := *n
			far.Federation, far.Line = n.Line, fedtest.StartServer(t, embedded.Options{})
			f := startFarm(t, n.Collective)
			wires := []string{config.WireCompact, config.WireCompact}
			if kind == "new" {
				fedtest.StartRelay(t, far.Config())
			} else {
				startJSONRelay(t, far.Line, n.Collective)
				wires[1] = config.WireJSON
			}
			near := fedtest.StartRelay(t, edgeConfig(n, "edge1", wires[0]))
			c := edgeConfig(&far, "edge2", wires[1])
			c.Edge.Group = "fra"
			second := fedtest.StartRelay(t, c)
			a := newAsker(t, n.Federation, "a")
			a.ask(t, fedtest.Nodes(100), 30)
			f.once(t)
			settle(t, near, second)
			for _, e := range []*fedtest.Relay{near, second} {
				request, reply := e.Ledgers()
				if request.Fate(pipeline.Confirmed) != 100 || reply.Fate(pipeline.Confirmed) != 100 {
					t.Error(e.LedgerLine())
				}
			}
			if w := near.Warnings(); len(w) != 0 {
				t.Errorf("%q", w)
			}
		})
	}
}

// While the line is down, an edge leaves requests to other edges.
func TestAnEdgeLeavesItsGroupWhileTheLineIsDown(t *testing.T) {
	c := newChain(t, nil)
	c.networks.Line.Stop()
	says(t, c.edge, "line: not connected")
	fedtest.Eventually(t, "it has left the group", func() bool {
		// The edge says so before the server knows.
		return subscriptions(t, c.networks.Federation, fedtest.FederationSubject) == 0
	})
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("a")))
	if err := c.networks.Line.Restart(); err != nil {
		t.Fatal(err)
	}
	c.edge.WaitReady()
	c.relay.WaitReady()
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("r", fedtest.Node("b")))
	if m := c.nodes.Next(); m.Subject != fedtest.Node("b") {
		t.Errorf("%s was not left to others", m.Subject)
	}
}

// An edge that is told to stop takes no more requests, but the replies to those it has carried.
func TestAnEdgeDrainsRequestsFirst(t *testing.T) {
	c := newChain(t, func(c *config.Config) { c.Drain.Replies = 2 * time.Second })
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("a")))
	c.nodes.Next()
	c.edge.Drain()
	fedtest.Eventually(t, "it has left the group of requests", func() bool {
		// The edge says so before the server knows.
		return subscriptions(t, c.networks.Federation, fedtest.FederationSubject) == 0
	})
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("r", fedtest.Node("b")))
	c.nodes.Send(fedtest.CollectiveSubject, edgeReply("q", "a"))
	if m := c.clients.Next(); m.Subject != fedtest.ReplySubject("q") {
		t.Errorf("%s", m.Subject)
	}
	if err := c.edge.Stop(); err != nil {
		t.Error(err)
	}
	if n := c.nodes.Seen(); n != 0 {
		t.Errorf("%d requests too many", n)
	}
}

// A bundle that the line does not take at once crosses it in parts.
func TestABundleIsSplitByMaxPayload(t *testing.T) {
	const largest = 24 << 10
	n := fedtest.StartLine(t, embedded.Options{})
	n.Line = fedtest.StartServer(t, embedded.Options{MaxPayload: largest})
	fedtest.StartRelay(t, n.Config())
	e := fedtest.StartRelay(t, n.EdgeConfig())
	f := startFarm(t, n.Collective)
	random := rand.NewChaCha8([32]byte{})
	nodes := make([]string, 1000)
	for i := range nodes {
		nodes[i] = fedtest.Node(fmt.Sprintf("%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64()))
	}
	a := newAsker(t, n.Federation, "a")
	sub, err := a.send(nodes, 50)
	if err != nil {
		t.Fatal(err)
	}
	for i := range nodes {
		nodes[i] = strings.TrimPrefix(nodes[i], "mcollective.node.")
	}
	if err := await(sub, nodes); err != nil {
		t.Error(err)
	}
	f.once(t)
	settle(t, e)
	if request, _ := e.Ledgers(); request.Fate(pipeline.Confirmed) != 1000 {
		t.Error(e.LedgerLine())
	}
}
