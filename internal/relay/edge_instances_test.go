package relay_test

import (
	"context"
	"sync"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
)

func TestBothVersionsOfTheProtocolThroughAnEdge(t *testing.T) {
	onEachWire(t, func(t *testing.T, set func(*config.Config)) {
		c := newChain(t, set)
		nodes := startFarm(t, c.networks.Collective)
		for _, v2 := range []bool{false, true} {
			a := newAsker(t, c.networks.Federation, map[bool]string{false: "one", true: "two"}[v2])
			a.v2 = v2
			a.ask(t, fedtest.Nodes(500), 200)
		}
		nodes.once(t)
		c.settled(t)
	})
}

// Edges of a group share the requests, and any of them takes any replies.
func TestEdgesOfAGroupShareTheLoad(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	nodes := startFarm(t, n.Collective)
	relays := []*fedtest.Relay{fedtest.StartRelay(t, relayConfig(n, "relay1")), fedtest.StartRelay(t, relayConfig(n, "relay2"))}
	edges := []*fedtest.Relay{
		fedtest.StartRelay(t, edgeConfig(n, "edge1", config.WireCompact)), fedtest.StartRelay(t, edgeConfig(n, "edge2", config.WireCompact)),
	}
	a := newAsker(t, n.Federation, "a")
	for range 40 {
		a.ask(t, fedtest.Nodes(20), 5)
	}
	settle(t, append(relays, edges...)...)
	nodes.once(t)
	var copies int64
	for _, r := range append(relays, edges...) {
		request, reply := r.Ledgers()
		if request.Received == 0 || reply.Received == 0 {
			t.Errorf("%s has no share: %s; %s", r.Info().Identity, request.String(), reply.String())
		}
		copies += request.Fate(pipeline.Confirmed)
	}
	if copies != 2*800 {
		t.Errorf("%d copies on both legs", copies)
	}
}

// Replies find their way although the edge and the relay that took the request are gone.
func TestAnEdgeAndARelayAreReplacedBetweenRequestAndReply(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	nodes := fedtest.NewTap(t, n.Collective)
	r := fedtest.StartRelay(t, relayConfig(n, "relay1"))
	e := fedtest.StartRelay(t, edgeConfig(n, "edge1", config.WireCompact))
	a := newAsker(t, n.Federation, "a")
	sub, err := a.send(fedtest.Nodes(3), 3)
	if err != nil {
		t.Fatal(err)
	}
	copied := nodes.Next()
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
	fedtest.StartRelay(t, relayConfig(n, "relay2"))
	fedtest.StartRelay(t, edgeConfig(n, "edge2", config.WireCompact))
	if got := copied.Subject; got != fedtest.Nodes(1)[0] {
		t.Error(got)
	}
	for _, node := range []string{"a", "b", "c"} {
		nodes.Send(fedtest.CollectiveSubject, edgeReply("a1", node))
	}
	if err := await(sub, fedtest.Nodes(3)); err != nil {
		t.Error(err)
	}
}

// One process serves two clusters, each over connections of its own.
func TestAnEdgeServesTwoClusters(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	tokyo := *n
	tokyo.Collective = fedtest.StartServer(t, embedded.Options{})
	fedtest.StartRelay(t, n.Config())
	c := tokyo.Config()
	c.Cluster = "tokyo"
	fedtest.StartRelay(t, c)
	farms := map[string]*farm{"london": startFarm(t, n.Collective), "tokyo": startFarm(t, tokyo.Collective)}

	c = n.EdgeConfig()
	c.Edge.Clusters = []string{"london", "tokyo"}
	p, stop := startProcess(t, c)
	for cluster, f := range farms {
		a := newAsker(t, n.Federation, cluster)
		a.cluster = cluster
		a.ask(t, fedtest.Nodes(30), 10)
		f.once(t)
		if len(f.copies) != 30 {
			t.Errorf("%d copies in %s", len(f.copies), cluster)
		}
	}
	stop()
	for i, cluster := range []string{"london", "tokyo"} {
		want := "ledger: cluster " + cluster + ": request: received 3 "
		if line := p.LedgerLines()[i]; len(line) < len(want) || line[:len(want)] != want {
			t.Error(line)
		}
	}
	if !p.Connected() || p.Unconfirmed() != 0 {
		t.Error("not connected, or unconfirmed")
	}
}

// startProcess runs a process until stop, and waits until all of it is ready.
func startProcess(t *testing.T, c config.Config) (p *relay.Process, stop func()) {
	t.Helper()
	p, err := relay.NewProcess(c, relay.Options{Log: fedtest.Log(t), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	for _, v := range p.Views() {
		fedtest.Eventually(t, "all is ready", func() bool { ok, _ := v.Ready(); return ok })
	}
	return p, stop
}
