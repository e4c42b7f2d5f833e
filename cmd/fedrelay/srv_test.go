package main

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// Where DNS has the records of both networks, a relay needs nothing but the name of the cluster.
// The variables stand for the domain and the DNS server of a host that has them.
func TestTheClusterIsEnoughWhereDNSKnowsTheRest(t *testing.T) {
	names, n := fedtest.StartDNS(t), fedtest.StartNetworks(t, embedded.Options{})
	names.Announce(t, "_mcollective-federation_server._tcp", n.Federation)
	names.Announce(t, "_mcollective-server._tcp", n.Collective)
	names.Heal()
	for _, side := range []string{"FEDERATION", "COLLECTIVE"} {
		t.Setenv("FEDRELAY_"+side+"_SRV_DOMAIN", fedtest.Domain)
		t.Setenv("FEDRELAY_"+side+"_SRV_RESOLVER", names.Address())
	}
	t.Setenv("FEDRELAY_HTTP_LISTEN", "127.0.0.1:0")
	t.Setenv("FEDRELAY_DRAIN_REPLIES", "0s")
	p := start(t, "--cluster", fedtest.Cluster)
	p.ready()
	passes(t, fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective), fedtest.Cluster)
	p.stop()
}
