package relay_test

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// The name of a cluster may have dots, and begin as that of another one. An edge of both must not
// get the replies of the one for the other, too.
func TestAnEdgeOfClustersWhoseNamesBeginAlike(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	nodes := startFarm(t, n.Collective)
	inner := fedtest.Cluster + ".eu"
	with := func(c config.Config, cluster string) config.Config {
		c.Cluster = cluster
		if c.IsEdge() {
			c.Edge.Clusters = []string{cluster}
		}
		return c
	}
	all := []*fedtest.Relay{
		fedtest.StartRelay(t, with(relayConfig(n, "relay1"), fedtest.Cluster)),
		fedtest.StartRelay(t, with(relayConfig(n, "relay2"), inner)),
		fedtest.StartRelay(t, with(edgeConfig(n, "edge", config.WireCompact), fedtest.Cluster)),
		fedtest.StartRelay(t, with(edgeConfig(n, "edge", config.WireCompact), inner)),
	}
	a, b := newAsker(t, n.Federation, "a"), newAsker(t, n.Federation, "b")
	b.cluster = inner
	for range 5 {
		a.ask(t, fedtest.Nodes(10), 5)
		b.ask(t, fedtest.Nodes(10), 5)
	}
	settle(t, all...)
	nodes.once(t)
	for _, r := range all {
		if request, reply := r.Ledgers(); request.RejectedTotal() != 0 || reply.RejectedTotal() != 0 {
			t.Errorf("%s of %s: %s; %s", r.Info().Identity, r.Info().Cluster, request.String(), reply.String())
		}
	}
}
