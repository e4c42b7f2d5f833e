package relay_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A server that takes nothing for a while holds requests up, and nothing else.
func TestFaultT12AStalledServerHoldsUpOneWayOnly(t *testing.T) {
	const stall = 300 * time.Millisecond
	onBothPlanes(t, inRealTime, func(t *testing.T, on setting) {
		s := newStage(t, on)
		before := s.epochs()
		s.proxies[collective].Hold(fedtest.ToServer)
		s.flows[federation].burst("b", 24, 64<<10) // more than sockets hold
		fedtest.Eventually(t, "a server that takes nothing confirms nothing more", func() bool {
			confirmed := s.fate(federation, pipeline.Confirmed)
			s.answers(stall)
			return s.fate(federation, pipeline.Confirmed) == confirmed && s.flows[federation].arrived.Load() >= confirmed
		})
		s.proxies[collective].Release(fedtest.ToServer)
		s.recovers(time.Second, before)
		s.flows[federation].arrives("b23")
		s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		s.end()
		if n := s.relay.Unconfirmed(); n != 0 {
			t.Errorf("%d copies are unconfirmed though no connection was lost", n)
		}
	})
}

// answers has replies arrive for a while.
func (s *stage) answers(d time.Duration) {
	s.t.Helper()
	for began := time.Now(); time.Since(began) < d; {
		s.flows[collective].waitFor(20)
	}
}

// One that takes nothing for longer than a write may take, ten seconds after the last byte that it took or twenty after the
// first, is given up, and found again.
func TestFaultT12AServerThatStaysStalledIsGivenUp(t *testing.T) {
	const stall, given = 30 * time.Second, 25 * time.Second // until sockets are full, too
	onBothPlanes(t, inVirtualTime, func(t *testing.T, on setting) {
		on.server.Tune = func(o *server.Options) { o.WriteDeadline = time.Minute } // it waits for the relay all the while
		s := newStage(t, on)
		before := s.epochs()
		s.proxies[collective].Hold(fedtest.ToServer)
		began := time.Now()
		s.notices(suspicion)
		s.givesUp(given, collectivePublish)
		s.lives(time.Until(began.Add(stall)))
		s.proxies[collective].Release(fedtest.ToServer)
		s.recovers(dialing, before, collectivePublish)
		s.keeps(before, federationReceive, federationPublish)
		s.end()
	})
}

// The relay gets no processor for so long that both servers take it for a slow consumer. When it gets one again it comes back.
func TestFaultT13ARelayThatWasFrozenComesBack(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, on setting) {
		on.server.Tune = func(o *server.Options) { o.WriteDeadline = time.Second }
		s := newStage(t, on)
		before := s.epochs()
		for _, p := range s.proxies {
			p.Hold(fedtest.ToServer, fedtest.ToRelay)
		}
		s.flows[federation].burst(alone, 64, 128<<10)
		s.flows[collective].burst("b", 64, 128<<10)
		fedtest.Eventually(t, "both servers give up on it", func() bool {
			return !hasClient(t, s.Federation, "receive") && !hasClient(t, s.Collective, "receive")
		})
		for _, p := range s.proxies {
			p.Release(fedtest.ToServer, fedtest.ToRelay)
		}
		s.recovers(5*time.Second, before, federationReceive, collectiveReceive)
		s.end()
	})
}
