package line

import (
	"sync"
	"sync/atomic"
	"time"
)

// A way is one direction of a line. All times are since the line was made.
type way struct {
	shape atomic.Pointer[Shape]

	mu   sync.Mutex
	free time.Duration // guarded by mu: when all that has entered will have been sent
}

// full reports how long it takes until the queue has room, 0 if it has some now.
func (w *way) full(now time.Duration) time.Duration {
	s := w.shape.Load()
	if s.Rate == 0 {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(0, w.free-now-s.longestWait())
}

func newWay(s Shape) *way {
	w := &way{}
	w.shape.Store(&s)
	return w
}

// enter sends n bytes and returns when they arrive at the other end.
func (w *way) enter(now time.Duration, n int) time.Duration {
	s := w.shape.Load()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free = max(w.free, now) + s.timeFor(n)
	return w.free + s.RoundTrip/2
}
