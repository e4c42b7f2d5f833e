package relay_test

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A relay waits for a side that is down when it starts; it does not end.
func TestConformanceC46SidesDownAtTheStart(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		for _, down := range []side{federation, collective} {
			n := fedtest.StartNetworks(t, embedded.Options{})
			proxies := [2]*fedtest.Proxy{fedtest.NewProxy(t, n.Federation), fedtest.NewProxy(t, n.Collective)}
			c := n.Config()
			set(&c)
			c.Federation.Servers, c.Collective.Servers = []string{proxies[0].URL()}, []string{proxies[1].URL()}
			proxies[down].Down()
			r := fedtest.LaunchRelay(t, c)
			other := down.other()
			fedtest.Eventually(t, "the other side is up", func() bool { return r.Sides()[other].Up })
			if ok, why := r.Ready(); ok || len(why) == 0 {
				t.Errorf("ready with the %s down: %v", down, why)
			}
			if r.Sides()[other].Subscribed {
				t.Errorf("takes work from the %s with the %s down", other, down)
			}
			proxies[down].Up()
			r.WaitReady()
			checkCarries(t, n)
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

// checkCarries sends one message each way.
func checkCarries(t *testing.T, n *fedtest.Networks) {
	t.Helper()
	fed, col := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	fed.Send(fedtest.FederationSubject, fedtest.Request("carries", app7))
	if m := col.Next(); m.Subject != app7 {
		t.Errorf("a request went to %s", m.Subject)
	}
	col.Send(fedtest.CollectiveSubject, fedtest.Reply("carries", "n1"))
	if m := fed.Next(); m.Subject != fedtest.ReplySubject("carries") {
		t.Errorf("a reply went to %s", m.Subject)
	}
}

// A relay that loses a side leaves its share to the others: nothing is lost that somebody else can
// carry.
func TestConformanceC46OthersServeWhileASideIsDown(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		for _, down := range []side{federation, collective} {
			c := newCrew(t, set)
			proxies := [2]*fedtest.Proxy{fedtest.NewProxy(t, c.Federation), fedtest.NewProxy(t, c.Collective)}
			c.config.Federation.Servers, c.config.Collective.Servers = []string{proxies[0].URL()}, []string{proxies[1].URL()}
			if err := c.b.Stop(); err != nil {
				t.Fatal(err)
			}
			c.b = c.start(t, "relay2")
			proxies[down].Down()
			fedtest.Eventually(t, "it has left both queue groups", func() bool {
				return len(queues(t, c.Federation)) == 1 && len(queues(t, c.Collective)) == 1
			})
			c.answer(t, c.ask(t, "first", 100))
			proxies[down].Up()
			c.b.WaitReady()
			c.answer(t, c.ask(t, "later", 200))
			if request, _ := c.b.Ledgers(); request.Accepted == 0 {
				t.Errorf("with the %s back it does not take part again: %s", down, c.b.LedgerLine())
			}
			c.quiet(t, c.a, c.b)
		}
	})
}
