package link

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A server whose answer is late is suspected long before its connection is dead (keepalive.go): whoever depends on it can leave
// the work to others, and nothing is given up.
const (
	// suspectAfter is how long a question may go unanswered. Most answers come within a millisecond.
	suspectAfter = 2 * time.Second
	// askInterval is how often a server is asked something that owes no answer: a quiet connection costs a PING a second.
	askInterval = time.Second
	// lookInterval is how often it is looked at whether an open question has been answered. Looks are counted, not time: a process
	// that was stopped suspects nobody.
	lookInterval = 250 * time.Millisecond
	// busyLook is how often it is looked at whether messages still come: while they do, nothing is asked.
	busyLook = 2 * lookInterval
	// suspectLook is how soon the end of a suspicion is seen.
	suspectLook = 50 * time.Millisecond
	// slowestLink is how many bytes a second a link of the library carries, whose pace nobody measures.
	slowestLink = 1 << 20
)

// OnSuspect sets what is called at each change of Suspected; it must not block.
func (s *Session) OnSuspect(f func()) { s.suspectChanged.Store(&f) }

// Suspected is since when the server of s has owed an answer for too long; the zero time while it does not. The connection may
// well come back.
func (s *Session) Suspected() time.Time {
	since := s.suspected.Load()
	if since == 0 || !s.Alive() {
		return time.Time{}
	}
	return time.Unix(0, since)
}

func (s *Session) trusted() bool { return s.suspected.Load() == 0 }

// suspect enters whether the server is suspected.
func (s *Session) suspect(on bool) {
	if s.trusted() != on {
		return
	}
	var since int64
	if on {
		since = time.Now().Add(-suspectAfter).UnixNano()
	}
	s.suspected.Store(since)
	if f := s.suspectChanged.Load(); f != nil {
		(*f)()
	}
}

// A listener knows what shows that a server is there.
type listener interface {
	// Look reports whether a question is open, and whether a sign of life has come since the last look, or even messages.
	Look() (open, alive, messages bool)
	// Ask asks something, and does not wait for a write that the server does not take.
	Ask()
	// Patience is how much longer than usual the answer may take.
	Patience() time.Duration
}

// watch suspects the server of s while it is silent, until s ends.
func (s *Session) watch() {
	w := watcher{session: s, listener: &libraryListener{session: s}}
	if s.Framed() {
		w.listener = socket.NewListener(s.Wire)
	}
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

// untilAsking is the same moment for all connections of the process, which sleeps in between.
func untilAsking() time.Duration { return askInterval - time.Since(socket.Beginning)%askInterval }

// A watcher counts how long a server has been silent.
type watcher struct {
	session  *Session
	listener listener
	wait     time.Duration // since the last look, in which a question was open or asked; 0 before the first
	silence  time.Duration // since there is an open question, as the sum of waits
}

// look returns when to look again.
func (w *watcher) look() time.Duration {
	open, alive, messages := w.listener.Look()
	switch {
	case alive || messages || !open:
		w.silence = 0
	default:
		w.silence += w.wait
	}
	suspected := w.silence > 0 && (!w.session.trusted() || w.silence >= suspectAfter+w.listener.Patience())
	w.session.suspect(suspected)
	if !open && !messages { // a server that is busy with us need not be asked
		w.listener.Ask()
	}
	switch {
	case suspected:
		w.wait = suspectLook
	case messages:
		w.wait = busyLook
	case w.silence > 0 || w.wait == busyLook:
		w.wait = lookInterval
	default:
		w.wait = untilAsking()
	}
	return w.wait
}

// A libraryListener listens where the NATS library has the frames. Its questions are flushes.
type libraryListener struct {
	session *Session

	// As of the last look.
	answered, messages uint64
	queue              int64
}

func (l *libraryListener) Look() (open, alive, messages bool) {
	_, open, answered := l.session.flushes.state()
	received := atomic.LoadUint64(&l.session.Conn.InMsgs)
	queue, _ := l.session.Wire.Queued()
	alive, messages = answered != l.answered || queue < l.queue, received != l.messages
	l.answered, l.messages, l.queue = answered, received, queue
	return open, alive, messages
}

// ask blocks nobody, but may itself be blocked for as long as the connection lives.
func (l *libraryListener) Ask() {
	answered := l.session.flushes.begin(l.session.Wire.Sent())
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		answered(l.session.Conn.FlushWithContext(ctx) == nil)
	}()
}

func (l *libraryListener) Patience() time.Duration {
	before, _, _ := l.session.flushes.state()
	return time.Duration(before) * time.Second / slowestLink
}

// flushes are the questions under way where the NATS library has the frames. The zero value is none.
type flushes struct {
	mu      sync.Mutex
	open    []*int64 // bytes that had been written before each, in order
	settled int64    // as many, of the latest that was answered
	answers uint64
}

// begin enters a flush, in front of which so many bytes have been written. What it returns is to be told its end.
func (f *flushes) begin(sent int64) (end func(answered bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = append(f.open, &sent)
	return func(answered bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.open = slices.DeleteFunc(f.open, func(o *int64) bool { return o == &sent })
		if answered {
			f.settled = max(f.settled, sent)
			f.answers++
		}
	}
}

// state is how many bytes that nobody has answered for were written before the oldest open flush, whether there is one, and how
// many have been answered.
func (f *flushes) state() (before int64, open bool, answers uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) > 0 {
		before = max(0, *f.open[0]-f.settled)
	}
	return before, len(f.open) > 0, f.answers
}
