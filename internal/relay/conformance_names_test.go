package relay_test

import (
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A relay that starts while DNS does not answer finds its servers once it does.
func TestConformanceC47NamesThatFailAtTheStartAreAskedForAgain(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		names := fedtest.StartDNS(t)
		n := fedtest.StartNetworks(t, embedded.Options{})
		names.Announce(t, "_mcollective-federation_server._tcp", n.Federation)
		names.Announce(t, "_x-puppet-mcollective._tcp", n.Collective)
		c := n.Config()
		set(&c)
		srv := config.SRV{Domain: fedtest.Domain, Resolver: names.Address(), Interval: time.Minute}
		c.Federation.Servers, c.Federation.SRV = nil, srv
		c.Collective.Servers, c.Collective.SRV = nil, srv
		r := fedtest.LaunchRelay(t, c)
		fedtest.Eventually(t, "it has asked in vain", func() bool {
			sides := r.Sides()
			return sides[0].LastError != "" && sides[1].LastError != ""
		})
		if ok, _ := r.Ready(); ok {
			t.Error("ready without a server")
		}
		names.Heal()
		r.WaitReady()
		checkCarries(t, n)
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}
