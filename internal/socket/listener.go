package socket

import (
	"sync/atomic"
	"time"
)

// A Listener knows what shows that the server of a framed connection is there. It is for one
// goroutine.
type Listener struct {
	conn   *Framed
	asking atomic.Bool // a PING of ours is being written
	last   traces
}

// traces are what a living server leaves behind.
type traces struct {
	answers, progress uint64
	paused            time.Duration
	left              int64 // bytes that the other end has acknowledged, as far as is known
}

// NewListener returns one that has not looked yet.
func NewListener(f *Framed) *Listener { return &Listener{conn: f} }

// Look reports whether a PING is unanswered, and whether a sign of life has come since the last
// look, or even messages.
func (l *Listener) Look() (open, alive, messages bool) {
	read, last := l.conn.input, l.last
	_, waiting := read.pings.oldest()
	open = waiting || l.asking.Load()
	l.last = traces{
		answers: read.pings.answers.Load(), progress: read.progress.Load(), paused: read.pauses.total(),
	}
	alive = l.last.answers != last.answers
	if open {
		alive = l.drains(last.left) || alive
	}
	return open, alive, l.last.progress != last.progress || l.last.paused != last.paused
}

// drains reports whether the kernel gets rid of what stands in front of our PING.
func (l *Listener) drains(left int64) bool {
	f := l.conn
	queue, known := f.Queued()
	l.last.left = f.acknowledged(queue)
	_, waiting := f.input.pings.oldest()
	return known && l.last.left > left && left > 0 && (!waiting || f.held(queue))
}

// Ask sends a PING. It does not wait for a write that the server does not take.
func (l *Listener) Ask() {
	l.asking.Store(true)
	go func() {
		defer l.asking.Store(false)
		_ = l.conn.Ask() // a failure ends the connection
	}()
}

// Patience is how much longer than usual the answer may take. It follows the pace that the
// connection has shown, which buffers on the way may hide. A PING that the kernel still holds is
// seen to leave, or is stuck.
func (l *Listener) Patience() time.Duration {
	if queue, known := l.conn.Queued(); known && l.conn.held(queue) {
		return 0
	}
	return l.conn.input.pings.patience()
}
