package load

import (
	"context"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
)

// throughRelay runs o through a relay that takes compact messages.
func throughRelay(t *testing.T, nodes int, o Options) (*Generator, fleet.NodeStats) {
	t.Helper()
	networks := fedtest.StartNetworks(t, embedded.Options{})
	relay := fedtest.StartRelay(t, networks.Config())
	roster := must(fleet.NewRoster(fleet.Names("london", nodes)))
	o.Fed, o.Roster, o.Cluster, o.CheckEvery = networks.Federation.ClientURL(), roster, fedtest.Cluster, 1
	gen := must(New(o))
	t.Cleanup(gen.Close)
	simulated := must(fleet.StartNodes(fleet.NodesOptions{
		URL: networks.Collective.ClientURL(), Roster: roster, Version: o.Version, ReplyBytes: 50, Behaviour: o.Behaviour, Ledger: gen,
	}))
	t.Cleanup(simulated.Close)
	run, err := gen.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := &run.Totals
	if all.Lost+all.Duplicates+all.Misdelivered+all.Late != 0 || all.Replies+all.Silent != all.Targets || all.Delivered != all.Targets {
		t.Errorf("%+v", all)
	}
	c := gen.Counts()
	if c.Corrupt+c.Strays != 0 || c.Checked != all.Replies {
		t.Errorf("%+v", c)
	}
	if err := relay.Stop(); err != nil {
		t.Error(err)
	}
	request, _ := relay.Ledgers()
	if request.Received != c.Messages {
		t.Errorf("the relay received %d messages, and %d were sent", request.Received, c.Messages)
	}
	return gen, simulated.Stats()
}

func TestCompactRequestsReachAllNodes(t *testing.T) {
	for _, version := range []fleet.Version{fleet.V1, fleet.V2} {
		gen, stats := throughRelay(t, 1000, Options{
			Version: version, Compact: true, Plan: Plan{Burst: true, Requests: 3}, Timeout: time.Minute, Behaviour: fleet.Behaviour{Loss: 0.05},
		})
		if c := gen.Counts(); c.Messages != 15 || stats.Silent == 0 {
			t.Errorf("%+v, %+v", c, stats)
		}
		if m := gen.nc.Stats(); m.OutMsgs != 3 || m.InMsgs >= 2800 {
			t.Errorf("%d messages out, %d in", m.OutMsgs, m.InMsgs)
		}
	}
}

func TestCompactBroadcastsReachAllNodes(t *testing.T) {
	throughRelay(t, 100, Options{Compact: true, Broadcast: true, Plan: Plan{Burst: true, Requests: 3}, Timeout: time.Minute})
}

// A relay expands only so much, and a request that is larger takes several messages.
func TestALargeRequestTakesSeveralCompactMessages(t *testing.T) {
	gen, _ := throughRelay(t, 1000, Options{
		Compact: true, Group: 10, RequestBytes: 200_000, Plan: Plan{Burst: true, Requests: 1}, Timeout: time.Minute,
	})
	if m := gen.nc.Stats(); m.OutMsgs < 3 || m.OutMsgs > 10 || gen.Counts().Messages != 100 {
		t.Errorf("%d messages for %+v", m.OutMsgs, gen.Counts())
	}
}
