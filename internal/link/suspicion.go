package link

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A server whose answer is late is suspected long before its connection is dead (KeepAlive of
// package socket). Whoever depends on it can leave the work to others, and nothing is given up.
const (
	// suspectAfter is how long a question may go unanswered. Most answers come within a
	// millisecond.
	suspectAfter = 2 * time.Second
	// askInterval is how often a server gets a PING while it owes no answer and no messages come.
	// So a quiet connection costs a PING a second.
	askInterval = time.Second
	// lookInterval is how often we look whether an open question has been answered. Looks are
	// counted, not time, so that a process that was stopped suspects nobody.
	lookInterval = 250 * time.Millisecond
	// busyLook is how often we look whether messages still come. While they do, nothing is asked.
	busyLook = 2 * lookInterval
	// suspectLook is how soon the end of a suspicion is seen.
	suspectLook = 50 * time.Millisecond
)

// OnSuspect sets what is called at each change of Suspected. f must not block.
func (s *Session) OnSuspect(f func()) { s.suspectChanged.Store(&f) }

// Suspected is since when the server of s has owed an answer for too long. It is the zero time
// while the server is not suspected. A suspicion ends nothing: the answer may still come.
func (s *Session) Suspected() time.Time {
	since := s.suspected.Load()
	if since == 0 || !s.Alive() {
		return time.Time{}
	}
	return time.Unix(0, since)
}

// trusted reports whether the server is not suspected.
func (s *Session) trusted() bool { return s.suspected.Load() == 0 }

// suspect enters whether the server is suspected, and calls the function of OnSuspect if that is
// new.
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

// A listener knows what shows that a server is there.
type listener interface {
	// Look reports whether a question is open, and whether a sign of life has come since the last
	// look, or even messages.
	Look() (open, alive, messages bool)
	// Ask asks the server something. It does not block, even if the server takes no bytes.
	Ask()
	// Patience is how much longer than usual the answer may take.
	Patience() time.Duration
}

// watch suspects the server of s while it is silent, until s ends.
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

// untilAsking is how long it is until the next moment at which all connections of the process ask.
// It is the same for all, so that the process can sleep in between.
func untilAsking() time.Duration { return askInterval - time.Since(socket.Beginning)%askInterval }

// A watcher counts how long a server has been silent.
type watcher struct {
	session  *Session
	listener listener
	interval time.Duration // between the last look and this one; 0 before the first
	silence  time.Duration // since there is an open question, as the sum of intervals
}

// look looks, enters what that says, and returns how long to wait until the next look.
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
