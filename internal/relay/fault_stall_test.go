package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A server that stands still keeps its connections. The one of two instances that uses it leaves
// the requests to the other one after three seconds. When the server goes on, so does the instance,
// over the same connections.
func TestFaultT12AStalledServerIsSuspected(t *testing.T) {
	const stall = 9 * time.Second
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		peer := s.launchPeer()
		before, began := s.epochs(), time.Now()
		s.proxies[collective].Hold(fedtest.ToServer, fedtest.ToRelay)
		s.notices(suspicion)
		if _, reasons := s.relay.Ready(); !saysOnly(reasons, "collective: nats://127.0.0.1:5222 does not answer (") {
			t.Errorf("reasons %q", reasons)
		}
		fedtest.Eventually(t, "it leaves the queue group", func() bool { return !s.relay.Sides()[federation].Subscribed })
		took := s.books(federation).Received
		s.served(func() { s.lives(time.Until(began.Add(stall))) })
		if now := s.books(federation).Received; now > took+5 {
			t.Errorf("it took %d requests after it left", now-took)
		}
		s.proxies[collective].Release(fedtest.ToServer, fedtest.ToRelay)
		s.recovers(time.Second, before)
		s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		s.endWith(peer)
		if n := s.relay.Unconfirmed(); n != 0 {
			t.Errorf("%d copies are unconfirmed though no connection was lost", n)
		}
	})
}

// saysOnly reports whether there are reasons, and all begin in the same way.
func saysOnly(reasons []string, beginning string) bool {
	for _, r := range reasons {
		if !strings.HasPrefix(r, beginning) {
			return false
		}
	}
	return len(reasons) > 0
}

// A silent server is noticed without load, too, and on a connection that only receives.
func TestFaultT12AStalledServerIsSuspectedWithoutLoad(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		for _, of := range []side{federation, collective} {
			s := newQuietStage(t, options)
			s.lives(5 * time.Second)
			before := s.epochs()
			for _, role := range []string{"receive", "publish"} {
				s.lives(300 * time.Millisecond)
				s.proxies[of].HoldOnly(role, fedtest.ToRelay)
				s.notices(suspicion)
				s.proxies[of].ReleaseOnly(role, fedtest.ToRelay)
				s.recovers(time.Second, before)
			}
			s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
			if err := s.relay.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

// A server that is silent for less than two seconds is not suspected.
func TestFaultT12AShortStallIsNotSuspected(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		for range 3 {
			s.proxies[collective].Hold(fedtest.ToServer, fedtest.ToRelay)
			s.lives(1600 * time.Millisecond)
			if ready, reasons := s.relay.Ready(); !ready {
				t.Errorf("reasons %q", reasons)
			}
			s.proxies[collective].Release(fedtest.ToServer, fedtest.ToRelay)
			s.flowing()
		}
		s.end()
		if n := s.fate(federation, pipeline.Confirmed); n == 0 {
			t.Error("nothing was confirmed")
		}
	})
}

// A path whose own server is suspected stays in its queue group, whatever happens to the side that
// it publishes to: the server would act on an UNSUB when it goes on.
func TestFaultT12AServerThatIsSuspectedIsNotToldThatThePathLeaves(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		for _, of := range []side{federation, collective} {
			s := newQuietStage(t, options)
			s.lives(5 * time.Second)
			before := s.epochs()
			s.proxies[of].HoldOnly("receive", fedtest.ToRelay)
			s.notices(suspicion)
			s.proxies[of.other()].Hold(fedtest.ToServer, fedtest.ToRelay)
			s.lives(suspicion)
			if !s.relay.Sides()[of].Subscribed {
				t.Errorf("the path from the %s has left its queue group", of)
			}
			s.proxies[of].ReleaseOnly("receive", fedtest.ToRelay)
			s.proxies[of.other()].Release(fedtest.ToServer, fedtest.ToRelay)
			s.recovers(time.Second, before)
			s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
			if err := s.relay.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
}
