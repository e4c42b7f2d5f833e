package fedtest

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// All that a relay publishes while it starts is known by IsOwn: its questions to servers that
// answer them, and its probes where none does.
func TestProbesOfALoginAreTheRelaysOwn(t *testing.T) {
	for name, silent := range map[string]bool{"answered": false, "unanswered": true} {
		t.Run(name, func(t *testing.T) {
			n := StartNetworks(t, embedded.Options{Tune: func(o *server.Options) { o.NoSystemAccount = silent }})
			listener := Connect(t, n.Collective)
			seen := make(chan *nats.Msg, 1000)
			if _, err := listener.ChanSubscribe(">", seen); err != nil {
				t.Fatal(err)
			}
			if err := listener.FlushTimeout(Patience); err != nil {
				t.Fatal(err)
			}
			if err := StartRelay(t, n.Config()).Stop(); err != nil {
				t.Error(err)
			}
			if err := listener.FlushTimeout(Patience); err != nil {
				t.Fatal(err)
			}
			var o ownTraffic
			probes := 0
			for len(seen) > 0 {
				m := <-seen
				if !o.has(m) {
					t.Errorf("%s %q", m.Subject, m.Data)
				}
				if IsOwn(m.Subject) && m.Subject != userInfo {
					probes++
				}
			}
			if (probes > 0) != silent || len(o.inboxes) == 0 {
				t.Errorf("%d probes, %d questions", probes, len(o.inboxes))
			}
		})
	}
}
