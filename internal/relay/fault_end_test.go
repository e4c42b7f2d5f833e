package relay_test

import (
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// The connections of a relay, as epochsOf lists them.
const (
	federationReceive = iota
	federationPublish
	collectiveReceive
	collectivePublish
)

var (
	ofFederation = []int{federationReceive, federationPublish}
	ofCollective = []int{collectiveReceive, collectivePublish}
)

func (s *stage) epochs() []uint64 { return epochsOf(s.relay) }

// allowed returns bound in virtual time. In real time it returns ten times that, because others use
// the machine, too. That still shows whether the relay waited for one timer or for a much longer
// one.
func (s *stage) allowed(bound time.Duration) time.Duration {
	if s.options.virtual == inRealTime {
		return 10 * bound
	}
	return bound
}

// inTime fails when something took longer than it may.
func (s *stage) inTime(what string, began time.Time, bound time.Duration) {
	s.t.Helper()
	took, bound := time.Since(began), s.allowed(bound)
	if took > bound {
		s.t.Errorf("%s after %s, more than %s", what, took, bound)
	}
	s.t.Logf("%s after %s", what, took.Round(time.Millisecond))
}

// recovers waits until the relay is ready with new connections in place of those that had the given
// epochs. It must be within bound.
func (s *stage) recovers(bound time.Duration, before []uint64, lost ...int) {
	s.t.Helper()
	began := time.Now()
	fedtest.Within(s.t, s.allowed(bound)+fedtest.Patience, s.options.every, "the relay is ready over new connections", func() bool {
		ready, _ := s.relay.Ready()
		now := s.epochs()
		return ready && !slices.ContainsFunc(lost, func(i int) bool { return now[i] == before[i] })
	})
	s.inTime("ready again", began, bound)
}

// notices waits until the relay has seen that it is not ready. It must be within bound.
func (s *stage) notices(bound time.Duration) {
	s.t.Helper()
	began := time.Now()
	fedtest.Within(s.t, s.allowed(bound)+fedtest.Patience, s.options.every, "the relay notices", func() bool { ready, _ := s.relay.Ready(); return !ready })
	s.inTime("noticed", began, bound)
}

// givesUp waits until a connection of the collective has ended. It must be within bound.
func (s *stage) givesUp(bound time.Duration, which int) {
	s.t.Helper()
	began := time.Now()
	fedtest.Within(s.t, s.allowed(bound)+fedtest.Patience, s.options.every, "the connection is given up", func() bool {
		return !s.relay.Sides()[collective].Connections[which-collectiveReceive].Up
	})
	s.inTime("given up", began, bound)
}

// keeps checks that connections are those that had the given epochs.
func (s *stage) keeps(before []uint64, kept ...int) {
	s.t.Helper()
	now := s.epochs()
	for _, i := range kept {
		if now[i] != before[i] {
			s.t.Errorf("connection %d is another one: epochs %v, before %v", i, now, before)
		}
	}
}

// end is how every test of a fault ends, when the fault is over. The load goes on. A message that
// comes after it is carried and confirmed on each path. And the relay stops with books that agree
// with what has arrived.
func (s *stage) end() {
	s.t.Helper()
	s.endWith()
}

// endWith is end for a relay that has shared the load with peers.
func (s *stage) endWith(peers ...*fedtest.Relay) {
	s.t.Helper()
	s.flowing()
	for _, f := range s.flows {
		f.end()
	}
	for _, peer := range peers {
		if err := peer.Stop(); err != nil {
			s.t.Error(err)
		}
	}
	s.caughtUp()
	s.probe()
	if err := s.relay.Stop(); err != nil { // which checks the books
		s.t.Error(err)
	}
	for _, f := range s.flows {
		s.check(f, append(peers, s.relay))
	}
}

// caughtUp waits until everything that was sent has its fate: what comes behind it has arrived.
func (s *stage) caughtUp() {
	s.t.Helper()
	const id = "last"
	for _, f := range s.flows {
		f.publish(id, 100)
		f.arrives(id)
	}
	s.settled()
}

// settled waits until everything that the relay has taken has its fate.
func (s *stage) settled() {
	s.t.Helper()
	fedtest.Eventually(s.t, "everything has its fate", func() bool {
		request, reply := s.relay.Ledgers()
		return request.Balanced() && reply.Balanced() && s.relay.Unaccounted() == 0
	})
}

// probe sends one message on each path, and wants it confirmed and nothing else.
func (s *stage) probe() {
	s.t.Helper()
	const id = "probe"
	for _, f := range s.flows {
		before := s.books(f.from)
		f.publish(id, 100)
		f.arrives(id)
		s.settled()
		after, copies := s.books(f.from), int64(len(f.subjectsOf(id)))
		if after.Fate(pipeline.Confirmed) != before.Fate(pipeline.Confirmed)+copies || after.Copies != before.Copies+copies {
			s.t.Errorf("a new message from the %s:\nbefore %s\nafter  %s", f.from, before.String(), after.String())
		}
	}
}

// check holds the books of a path against what has arrived, when the relays have stopped.
func (s *stage) check(f *flow, relays []*fedtest.Relay) {
	s.t.Helper()
	var confirmed, unconfirmed int64
	for _, r := range relays {
		request, reply := r.Ledgers()
		books := [...]pipeline.Snapshot{request, reply}[f.from]
		confirmed += books.Fate(pipeline.Confirmed)
		unconfirmed += books.Fate(pipeline.Unconfirmed)
		s.t.Logf("from the %s: %s", f.from, books.String())
	}
	if f.from == federation {
		confirmed, unconfirmed = confirmed-s.unheard, unconfirmed+s.unheard
	}
	fedtest.Eventually(s.t, "what is confirmed has arrived", func() bool { return f.arrived.Load() >= confirmed })
	if err := f.listener.FlushTimeout(fedtest.Patience); err != nil {
		s.t.Fatal(err)
	}
	if got := f.arrived.Load(); got > confirmed+unconfirmed {
		s.t.Errorf("from the %s %d copies arrived, of which only %d + %d are known", f.from, got, confirmed, unconfirmed)
	}
	s.t.Logf("from the %s: %d messages sent, %d copies arrived", f.from, f.sent.Load(), f.arrived.Load())
	s.checkOnce(f)
}

// checkOnce checks that what has arrived is whole and came once.
func (s *stage) checkOnce(f *flow) {
	s.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for subject, n := range f.seen {
		if n != 1 {
			s.t.Errorf("%s got its message %d times", subject, n)
		}
	}
	if f.bad != "" {
		s.t.Errorf("not a whole message: %s", clip(f.bad))
	}
}
