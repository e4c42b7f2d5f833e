package relay

import (
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

const (
	// streakTime is for how long nothing may be confirmed, from one bad copy to another, before a path counts as useless.
	streakTime = 5 * time.Second
	// streakCopies is how many copies that takes at least.
	streakCopies = 3
	// streakStale is how long after its last copy a streak is forgotten: it says nothing about now.
	streakStale = 30 * time.Second
)

// A streak is the run of copies since the last confirmed one that the server did not take. It is fed by all lanes.
type streak struct {
	mu  sync.Mutex
	run run
}

// A run is a streak at one moment; without copies it is none.
type run struct {
	fate      pipeline.Fate // of the latest
	copies    int
	confirmed int64 // by the books, since it began
	first     time.Time
	last      time.Time
}

// bad reports whether a fate says something about the server or the login. What has expired waited for a connection.
func bad(f pipeline.Fate, r wire.Reason) bool {
	return f == pipeline.Denied || f == pipeline.Unconfirmed || f == pipeline.Refused && r == wire.TooLarge
}

// add enters copies that have met f, and reports whether that is news: the streak has begun or become lasting.
func (s *streak) add(f pipeline.Fate, copies int, confirmed int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.run.over(confirmed, now) {
		s.run = run{confirmed: confirmed, first: now}
	}
	was := s.run
	s.run.fate, s.run.last = f, now
	s.run.copies += copies
	return was.copies == 0 || !was.lasting() && s.run.lasting()
}

// read returns the streak as far as it still counts.
func (s *streak) read(confirmed int64) run {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run.over(confirmed, time.Now()) {
		s.run = run{}
	}
	return s.run
}

func (s *streak) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run = run{}
}

func (r run) over(confirmed int64, now time.Time) bool {
	return r.copies == 0 || confirmed != r.confirmed || now.Sub(r.last) > streakStale
}

func (r run) lasting() bool { return r.copies >= streakCopies && r.last.Sub(r.first) >= streakTime }
