package link

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A server whose answer is late is suspected long before KeepAlive of package socket takes it for
// dead. A relay can then leave the work to other relays, and still has its connection if the server
// answers after all.
const (
	// suspectAfter is how long a question may stay unanswered. Most answers come within a
	// millisecond.
	suspectAfter = 2 * time.Second
	// askInterval is the time between two PINGs to a server that owes no answer, while no messages
	// come. So a quiet connection costs a PING a second.
	askInterval = time.Second
	// lookInterval is the time between two looks for the answer to an open question. Silence is
	// measured by counting looks, so that a process that was stopped suspects nobody when it goes
	// on.
	lookInterval = 250 * time.Millisecond
	// busyLook is the time between two looks while messages come. Then no question is asked.
	busyLook = 2 * lookInterval
	// suspectLook is the time between two looks while the server is suspected.
	suspectLook = 50 * time.Millisecond
)

// OnSuspect sets the function that is called at each change of Suspected. f must not block.
func (s *Session) OnSuspect(f func()) { s.suspectChanged.Store(&f) }

// Suspected returns since when the server of s has owed an answer for too long. It is the zero time
// while the server is not suspected. A suspicion does not end the session: the answer may still
// come.
func (s *Session) Suspected() time.Time {
	since := s.suspected.Load()
	if since == 0 || !s.Alive() {
		return time.Time{}
	}
	return time.Unix(0, since)
}

// trusted reports whether the server is not suspected.
func (s *Session) trusted() bool { return s.suspected.Load() == 0 }

// suspect enters whether the server is suspected. It calls the function of OnSuspect if that has
// changed.
func (s *Session) suspect(suspected bool) {
	if s.trusted() != suspected {
		return
	}
	var since int64
	if suspected {
		since = time.Now().Add(-suspectAfter).UnixNano()
	}
	s.suspected.Store(since)
	if f := s.suspectChanged.Load(); f != nil {
		(*f)()
	}
}

// A listener watches for signs that the server of a session is alive.
type listener interface {
	// Look returns what has changed since the last look. open reports whether a question is
	// unanswered now, alive whether a sign of life has come, messages whether messages have come.
	Look() (open, alive, messages bool)
	// Ask asks the server for an answer. It does not block, even if the server takes no bytes.
	Ask()
	// Patience returns how much longer than usual the answer may take.
	Patience() time.Duration
}

// watch blocks until s ends. It suspects the server of s while the server is silent.
func (s *Session) watch() {
	w := watcher{session: s, listener: s.plane.listener()}
	timer := time.NewTimer(untilAsking())
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-timer.C:
			timer.Reset(w.look())
		}
	}
}

// untilAsking returns how long it is until the next question. All connections of the process ask at
// the same moments, so that the process can sleep in between.
func untilAsking() time.Duration { return askInterval - time.Since(socket.Beginning)%askInterval }

// A watcher counts how long a server has been silent.
type watcher struct {
	session  *Session
	listener listener
	interval time.Duration // between the last look and this one; 0 before the first
	silence  time.Duration // with an open question and no sign of life, as the sum of intervals
}

// look looks for signs of the server, suspects it or not, and asks it if need be. It returns how
// long to wait until the next look.
func (w *watcher) look() time.Duration {
	open, alive, messages := w.listener.Look()
	switch {
	case alive || messages || !open:
		w.silence = 0
	default:
		w.silence += w.interval
	}
	suspected := w.silence > 0 && (!w.session.trusted() || w.silence >= suspectAfter+w.listener.Patience())
	w.session.suspect(suspected)
	if !open && !messages { // a server that is busy with us need not be asked
		w.listener.Ask()
	}
	switch {
	case suspected:
		w.interval = suspectLook
	case messages:
		w.interval = busyLook
	case w.silence > 0 || w.interval == busyLook:
		w.interval = lookInterval
	default:
		w.interval = untilAsking()
	}
	return w.interval
}
