package line

import (
	"sync"
	"time"
)

// A way is one direction of a line. All times are since the line was made.
type way struct {
	shape Shape

	mu   sync.Mutex
	free time.Duration // guarded by mu: when all that has entered will have been sent
}

// full reports how long it takes until the queue has room, 0 if it has some now.
func (w *way) full(now time.Duration) time.Duration {
	if w.shape.Rate == 0 {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(0, w.free-now-w.shape.longestWait())
}

// enter sends n bytes and returns when they arrive at the other end.
func (w *way) enter(now time.Duration, n int) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free = max(w.free, now) + w.shape.timeFor(n)
	return w.free + w.shape.RoundTrip/2
}
