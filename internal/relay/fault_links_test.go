package relay_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// One of two instances is cut off from the collective for half a minute. It gives up what it cannot
// carry any more, and leaves the rest to the other one. It does not come back with old requests.
func TestFaultT07APartitionLeavesRequestsToOthersAndReplaysNone(t *testing.T) {
	const partition, ttl = 30 * time.Second, 5 * time.Second
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.every *= 4
		options.config = func(c *config.Config) { c.Pipeline.CopyTTL = ttl }
		// The server has to notice, too.
		options.server.Tune = func(o *server.Options) { o.PingInterval = 5 * time.Second }
		s := newStage(t, options)
		peer := s.launchPeer()
		before, began := s.epochs(), time.Now()
		s.proxies[collective].Vanish(fedtest.ToServer, fedtest.ToRelay)
		s.notices(suspicion)
		fedtest.Eventually(t, "it leaves the queue group", func() bool { return !s.relay.Sides()[federation].Subscribed })
		s.served(func() { s.lives(ttl) })
		s.settled()
		if n := s.relay.BuffersInUse(); n > 2 {
			t.Errorf("%d buffers are lent while nothing is carried", n)
		}
		s.lives(time.Until(began.Add(partition)))
		old, arrived := s.flows[federation].sent.Load(), s.arrivedOf
		s.lives(time.Second) // a copy under way may arrive
		known := arrived(old)
		s.proxies[collective].Heal()
		s.recovers(dialing, before, ofCollective...)
		s.flowing()
		if now := arrived(old); now != known {
			t.Errorf("%d copies of before arrived late", now-known)
		}
		s.endWith(peer)
	})
}

// launchPeer runs a second instance, whose connections do not fail.
func (s *stage) launchPeer() *fedtest.Relay {
	s.t.Helper()
	c := s.config
	c.Identity = "relay2"
	peer := s.launch(c, s.newProxies())
	peer.WaitReady()
	return peer
}

// served checks that every request that is sent while do runs arrives. It leaves out the first and
// the last few, which may have been sent before or after.
func (s *stage) served(do func()) {
	s.t.Helper()
	const edge = 5
	f := s.flows[federation]
	first := f.sent.Load() + edge
	do()
	last := f.sent.Load() - edge
	if last <= first {
		s.t.Fatal("nothing was sent")
	}
	for i := first; i < last; i++ {
		if id := fmt.Sprintf("m%d", i); !f.has(id) {
			s.t.Errorf("request %s of %d to %d has not arrived", id, first, last)
		}
	}
}

// arrivedOf is how many of the first requests have arrived.
func (s *stage) arrivedOf(requests int64) (n int) {
	for i := range requests {
		if s.flows[federation].has(fmt.Sprintf("m%d", i)) {
			n++
		}
	}
	return n
}

// What the relay writes gets lost, what it reads does not. Replies still come, so the connection
// looks alive for longer.
func TestFaultT08AConnectionThatOnlyReadsIsGivenUp(t *testing.T) {
	const looksAlive = 65 * time.Second // twelve unanswered PINGs
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.every *= 4
		s := newStage(t, options)
		before, confirmed := s.epochs(), s.fate(federation, pipeline.Confirmed)
		s.proxies[collective].Vanish(fedtest.ToServer)
		s.notices(suspicion)
		began := time.Now()
		fedtest.Within(t, looksAlive, options.every, "the receiving connection is given up, too", func() bool {
			return !s.relay.Sides()[collective].Connections[0].Up
		})
		t.Logf("receiving ended %s later", time.Since(began).Round(time.Millisecond))
		if s.fate(federation, pipeline.Confirmed) > confirmed+targetsEach*10 {
			t.Error("something was confirmed though nothing arrived")
		}
		s.proxies[collective].Heal()
		s.recovers(dialing, before, ofCollective...)
		s.keeps(before, ofFederation...)
		s.end()
	})
}

// Each connection in turn loses its other end, which does not know.
func TestFaultT09AHalfOpenConnectionIsReplaced(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.every *= 5
		s := newStage(t, options)
		for i, role := range []string{"receive", "publish", "receive", "publish"} {
			before, proxy := s.epochs(), s.proxies[i/2]
			proxy.Lose(role, fedtest.ToServer, fedtest.ToRelay)
			s.recovers(options.detection()+time.Second, before, i)
			proxy.Heal() // the other end learns of it
			s.flowing()
		}
		s.end()
	})
}

// Each link fails again and again, every few milliseconds: first one, then the other, then both.
func TestFaultT10AFlappingLinkIsCountedHonestlyAndLeavesNothingBehind(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.every /= 2
		s := newStage(t, options)
		before, goroutines := s.epochs(), runtime.NumGoroutine()
		s.flap(s.proxies[collective])
		s.flap(s.proxies[federation])
		s.flap(s.proxies[collective], s.proxies[federation])
		s.recovers(dialing, before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		for i, now := range s.epochs() {
			if made := now - before[i]; made < 5 || made > 60 {
				t.Errorf("connection %d was made %d times in a minute", i, made)
			}
		}
		fedtest.Eventually(t, "nothing of lost connections is left", func() bool { return runtime.NumGoroutine() <= goroutines })
		s.end()
		if s.relay.Unconfirmed() == 0 {
			t.Error("nothing was ever in doubt: this test proves nothing")
		}
	})
}

// flap cuts links for twenty seconds. They are slow meanwhile, so that something is always under
// way.
func (s *stage) flap(links ...*fedtest.Proxy) {
	for _, p := range links {
		p.Throttle(128 << 10)
		defer p.Throttle(0)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for began := time.Now(); time.Since(began) < 20*time.Second; {
		s.lives(5*time.Millisecond + time.Duration(dice.Int64N(int64(30*time.Millisecond))))
		for _, p := range links {
			p.Cut()
		}
	}
}
