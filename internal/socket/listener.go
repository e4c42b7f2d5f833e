package socket

import (
	"sync/atomic"
	"time"
)

// A frameListener listens on a framed connection.
type frameListener struct {
	wire   *Conn
	asking atomic.Bool // a question of ours is being written
	last   traces
}

func NewListener(c *Conn) *frameListener { return &frameListener{wire: c} }

// traces are what a living server leaves behind.
type traces struct {
	answers, progress uint64
	paused            time.Duration
	left              int64 // bytes that the other end has acknowledged, as far as is known
}

func (l *frameListener) Look() (open, alive, messages bool) {
	c, last := l.wire, l.last
	_, waiting := c.pings.oldest()
	open = waiting || l.asking.Load()
	l.last = traces{answers: c.pings.answers.Load(), progress: c.progress.Load(), paused: c.pauses.total()}
	alive = l.last.answers != last.answers
	if open {
		alive = l.drains(last.left) || alive
	}
	return open, alive, l.last.progress != last.progress || l.last.paused != last.paused
}

// drains reports whether the kernel gets rid of what stands in front of our question.
func (l *frameListener) drains(left int64) bool {
	c := l.wire
	queue, known := c.Queued()
	l.last.left = c.acknowledged(queue)
	_, waiting := c.pings.oldest()
	return known && l.last.left > left && left > 0 && (!waiting || c.held(queue))
}

func (l *frameListener) Ask() {
	l.asking.Store(true)
	go func() {
		defer l.asking.Store(false)
		_ = l.wire.Command("", nobody) // a failure ends the connection
	}()
}

// patience follows the pace that the connection has shown, which buffers on the way may hide. A question that the kernel still holds
// is seen to leave, or is stuck.
func (l *frameListener) Patience() time.Duration {
	if queue, known := l.wire.Queued(); known && l.wire.held(queue) {
		return 0
	}
	return l.wire.pings.patience()
}
