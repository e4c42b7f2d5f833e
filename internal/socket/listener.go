package socket

import (
	"sync/atomic"
	"time"
)

// A Listener watches for signs that the server of a framed connection is alive. It is for one
// goroutine, and none of its methods blocks.
type Listener struct {
	conn   *Framed
	asking atomic.Bool // a PING of ours is being written
	last   traces
}

// traces are counts that a living server makes grow.
type traces struct {
	answers, progress uint64
	paused            time.Duration
	left              int64 // bytes that the other end has acknowledged, as far as is known
}

// NewListener returns a Listener for f that has not looked yet.
func NewListener(f *Framed) *Listener { return &Listener{conn: f} }

// Look returns what has changed since the last look. open reports whether a PING is unanswered now,
// alive whether an answer has come, or an acknowledgement for what stands before the PING. messages
// reports whether messages have come, or reading was paused.
func (l *Listener) Look() (open, alive, messages bool) {
	read, last := l.conn.input, l.last
	_, waiting := read.pings.oldest()
	open = waiting || l.asking.Load()
	l.last = traces{
		answers: read.pings.answers.Load(), progress: l.conn.progress.Load(), paused: read.pauses.total(),
	}
	alive = l.last.answers != last.answers
	if open {
		alive = l.drains(last.left) || alive
	}
	return open, alive, l.last.progress != last.progress || l.last.paused != last.paused
}

// drains reports whether the other end has acknowledged more than left bytes, of those that stand
// before our PING. It enters the new count in l.last.
func (l *Listener) drains(left int64) bool {
	f := l.conn
	queue, known := f.Queued()
	l.last.left = f.acknowledged(queue)
	_, waiting := f.input.pings.oldest()
	return known && l.last.left > left && left > 0 && (!waiting || f.held(queue))
}

// Ask sends a PING. It does not block: a write that the server does not take waits on a goroutine
// of its own.
func (l *Listener) Ask() {
	l.asking.Store(true)
	go func() {
		defer l.asking.Store(false)
		_ = l.conn.Ask() // a failure ends the connection
	}()
}

// Patience returns how much longer than usual the answer may take, by the pace that the connection
// has shown. Buffers on the way may hide bytes that wait before the PING. It is 0 while the kernel
// still holds the PING: then Look sees whether the bytes before it leave.
func (l *Listener) Patience() time.Duration {
	if queue, known := l.conn.Queued(); known && l.conn.held(queue) {
		return 0
	}
	return l.conn.input.pings.patience()
}
