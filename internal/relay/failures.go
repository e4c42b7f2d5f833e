package relay

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// denied is called by publishers with the subject of each denied copy. One request may have 50,000
// denied copies, so text is made only when somebody reads it.
func (p *path) denied(subject string) {
	now := time.Now()
	p.lastDenied.Store(&denial{subject: subject, when: now})
	p.asked.Denied(subject, now)
	p.notes.denied(subject)
}

// rejected is called for each message that is rejected.
func (p *path) rejected(f *pipeline.Finding) {
	p.refused.Note(f)
	p.notes.rejected(f)
}

// skipped is called for targets of one message that are skipped for one reason.
func (p *path) skipped(f *pipeline.Finding) {
	p.refused.Note(f)
	p.notes.skipped(f)
}

// failed is called by publishers with copies that met another fate than Confirmed.
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

// printable returns the subject, clipped and escaped for a log or a page.
func (d *denial) printable() string { return printable([]byte(d.subject), maxSubjectShown) }

// denialText says what was denied last.
func (p *path) denialText() string {
	if d := p.lastDenied.Load(); d != nil {
		return fmt.Sprintf("publishing to %q is denied by the server (permissions violation)", d.printable())
	}
	return "publishing is denied by the server (permissions violation)"
}

const (
	// streakTime is how long a streak of failed copies must last, from the first to the latest,
	// before a path counts as useless.
	streakTime = 5 * time.Second
	// streakCopies is how many copies must have failed in that time.
	streakCopies = 3
	// streakStale is for how long a streak is remembered after its last copy. An older streak says
	// nothing about now.
	streakStale = 30 * time.Second
)

// failures holds the streak of a path. All lanes add to it, from any goroutine.
type failures struct {
	mu     lock.Mutex[failures]
	streak streak // guarded by mu
}

// A streak is the copies that have failed since the last confirmed one. If copies is 0 there is no
// streak.
type streak struct {
	fate      pipeline.Fate // of the latest copy
	copies    int
	confirmed int64 // how many copies the ledger had as confirmed when the streak began
	first     time.Time
	last      time.Time
}

// blamesServer reports whether a fate shows a fault of the server or the login. Expired copies do
// not, because they waited for a connection.
func blamesServer(f pipeline.Fate, r wire.Reason) bool {
	return f == pipeline.Denied || f == pipeline.Unconfirmed || f == pipeline.Refused && r == wire.TooLarge
}

// add enters copies that have met f. It reports whether the guard must know: a streak has begun, or
// has become a lasting one.
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

// current returns the streak, which is empty if the last one is over.
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
