package preflight

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// With Choria's tokens, a node may answer only to clusters that are named as its collectives.
func TestAClusterThatIsNobodysCollectiveIsFound(t *testing.T) {
	t.Parallel()
	n := startNetworks(t)
	look := func(cluster string, collectives ...string) []Check {
		c := n.config("full", "full")
		c.Cluster, c.Allow.Collectives = cluster, collectives
		s := &side{o: Options{Config: c}, name: link.Collective, cfg: c.Collective}
		if !s.connect(t.Context()) {
			t.Fatal(s.checks)
		}
		defer s.session.Close()
		s.checks = nil
		s.clusterName(t.Context())
		if len(s.checks) > 0 {
			t.Error("it is said of a login without a token:", s.checks)
		}
		s.cfg.Choria.Token = "relay.jwt"
		s.clusterName(t.Context())
		return s.checks
	}
	if c := look("london"); len(c) != 1 || c[0].Level != Warning || c[0].Fix[1] != "    choria jwt server NODE.jwt NODE NODE.public collective-issuer.seed --collectives ... --subjects choria.federation.london.collective" {
		t.Errorf("%+v", c)
	}
	for _, c := range [][]Check{look("mcollective"), look("london", "london")} {
		if len(c) > 0 {
			t.Errorf("%+v", c)
		}
	}
	node := natstest.Client(t, as(n.collective, "full"))
	natstest.Must(node.Subscribe("paris.broadcast.agent.*", func(*nats.Msg) { t.Error("it got something") }))
	natstest.Succeeds(t, node.Flush())
	if c := look("paris"); len(c) != 1 || c[0].Level != OK {
		t.Errorf("%+v", c)
	}
}
