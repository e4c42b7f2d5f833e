package relay_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// clustered starts a server that makes a cluster with another one, if that is not nil.
func clustered(t *testing.T, name string, beside *embedded.Server) *embedded.Server {
	t.Helper()
	return fedtest.StartServer(t, embedded.Options{Name: name, Tune: func(o *server.Options) {
		o.Cluster = server.ClusterOpts{Name: "collective", Host: embedded.Host, Port: server.RANDOM_PORT}
		o.LameDuckGracePeriod, o.LameDuckDuration = 30*time.Second, 31*time.Second
		if beside != nil {
			o.Routes = server.RoutesFromStr("nats://" + beside.Inner().ClusterAddr().String())
		}
	}})
}

// mustHearEachOther waits until each server of a cluster knows what is subscribed to at the other:
// nodes at staying, and the relay at leaving. What is published before is lost.
func mustHearEachOther(t *testing.T, leaving, staying *embedded.Server) {
	t.Helper()
	nodes := fedtest.Connect(t, staying)
	if _, err := nodes.Subscribe("mcollective.node.>", func(*nats.Msg) {}); err != nil {
		t.Fatal(err)
	}
	if err := nodes.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "the servers know who listens", func() bool {
		return leaving.Inner().GlobalAccount().Interest(fedtest.Node("n")) > 0 &&
			staying.Inner().GlobalAccount().Interest(fedtest.CollectiveSubject) > 0
	})
}

// The server that the relay uses is about to stop. Nodes are at another one of its cluster.
func TestFaultT20AServerThatIsAboutToStopIsLeftWithoutALoss(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		leaving := clustered(t, "leaving", nil)
		staying := clustered(t, "staying", leaving)
		fedtest.Eventually(t, "the servers have found each other", func() bool {
			return leaving.Inner().NumRoutes() > 0 && staying.Inner().NumRoutes() > 0
		})
		options.config = func(c *config.Config) { c.Collective.Servers = append(c.Collective.Servers, leaving.ClientURL()) }
		s := &stage{t: t, options: options, Networks: &fedtest.Networks{Federation: fedtest.StartServer(t, options.server), Collective: staying}}
		s.proxies = s.newProxies()
		s.proxies[collective].Refuse()
		s.start()
		mustHearEachOther(t, leaving, staying)
		s.startFlows()
		before := s.epochs()
		s.proxies[collective].Up()
		leaving.LameDuck()
		s.recovers(time.Second, before, ofCollective...)
		s.keeps(before, ofFederation...)
		s.end()
		if events := s.relay.Sides()[collective].Events; events["moved"] != 2 || events["disconnected"] != 0 {
			t.Errorf("events %v", events)
		}
		for _, f := range s.flows {
			if want := f.sent.Load() * int64(len(f.subjectsOf("m0"))); f.arrived.Load() != want {
				t.Errorf("from the %s: %d copies arrived, of %d", f.from, f.arrived.Load(), want)
			}
		}
		if n := s.relay.Unconfirmed(); n != 0 {
			t.Errorf("%d copies are unconfirmed", n)
		}
	})
}
