package relay

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// denied is called by publishers with the subject of each denied copy. One request may have 50,000
// of them, so text is made only when somebody reads it.
func (p *path) denied(subject string) {
	p.lastDenied.Store(&denial{subject: subject, when: time.Now()})
	p.notes.denied(subject)
}

// failed is called by publishers with copies that were not confirmed.
func (p *path) failed(f pipeline.Fate, r wire.Reason, copies int) {
	if f != pipeline.Denied { // denied has logged those, with the subject
		p.notes.failed(f, r, copies)
	}
	if blamesServer(f, r) && p.failures.add(f, copies, p.ledger.Confirmed()) {
		p.wake()
	}
}

// A denial is a copy that the permissions of the server did not let pass.
type denial struct {
	subject string // as the server names it
	when    time.Time
}

// printable is the subject as it may be shown.
func (d *denial) printable() string { return printable([]byte(d.subject), maxSubjectShown) }

// denialText says what was denied last.
func (p *path) denialText() string {
	if d := p.lastDenied.Load(); d != nil {
		return fmt.Sprintf("publishing to %q is denied by the server (permissions violation)", d.printable())
	}
	return "publishing is denied by the server (permissions violation)"
}

const (
	// streakTime is for how long no copy may be confirmed, from one failed copy to another, before
	// a path counts as useless.
	streakTime = 5 * time.Second
	// streakCopies is how many failed copies that takes at least.
	streakCopies = 3
	// streakStale is for how long a streak is remembered after its last copy: what is older says
	// nothing about now.
	streakStale = 30 * time.Second
)

// failures keeps the streak of a path. All lanes add to it.
type failures struct {
	mu     lock.Mutex[failures]
	streak streak // guarded by mu
}

// A streak is the copies that have failed since the last confirmed one. Without copies it is none.
type streak struct {
	fate      pipeline.Fate // of the latest
	copies    int
	confirmed int64 // copies by the books, when it began
	first     time.Time
	last      time.Time
}

// blamesServer reports whether a fate says something about the server or the login. Expired copies
// do not: they waited for a connection.
func blamesServer(f pipeline.Fate, r wire.Reason) bool {
	return f == pipeline.Denied || f == pipeline.Unconfirmed || f == pipeline.Refused && r == wire.TooLarge
}

// add enters copies that have met f. It reports whether that is news: the streak has begun, or
// lasts now.
func (s *failures) add(f pipeline.Fate, copies int, confirmed int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.streak.over(confirmed, now) {
		s.streak = streak{confirmed: confirmed, first: now}
	}
	before := s.streak
	s.streak.fate, s.streak.last = f, now
	s.streak.copies += copies
	return before.copies == 0 || !before.lasting() && s.streak.lasting()
}

// current returns the streak as far as it still counts.
func (s *failures) current(confirmed int64) streak {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streak.over(confirmed, time.Now()) {
		s.streak = streak{}
	}
	return s.streak
}

func (s *failures) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streak = streak{}
}

func (s streak) over(confirmed int64, now time.Time) bool {
	return s.copies == 0 || confirmed != s.confirmed || now.Sub(s.last) > streakStale
}

// lasting reports whether a streak is long enough to say that nothing gets through.
func (s streak) lasting() bool {
	return s.copies >= streakCopies && s.last.Sub(s.first) >= streakTime
}
