package service

import (
	"context"
	"sync"
	"time"
)

// Answers together take one tenth of the time of one processor. Who has taken little for a while
// may take burst at once.
const (
	tenth = 10
	burst = 200 * time.Millisecond
)

// turns make answers wait for each other, and for time that they may take. The zero value has all
// of burst.
type turns struct {
	// Guarded by mu.
	mu    sync.Mutex
	taken time.Duration // beyond what was given back
	at    time.Time     // when taken was right
}

// wait blocks until there is time for an answer. It returns false if ctx ends before.
func (t *turns) wait(ctx context.Context) bool {
	for {
		missing := t.missing(time.Now())
		if missing <= 0 {
			return ctx.Err() == nil
		}
		select {
		case <-time.After(missing):
		case <-ctx.Done():
			return false
		}
	}
}

// missing returns how long it takes until there is time.
func (t *turns) missing(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.giveBack(now)
	return (t.taken - burst) * tenth
}

// took notes how long an answer has taken.
func (t *turns) took(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.giveBack(time.Now())
	t.taken += d
}

func (t *turns) giveBack(now time.Time) {
	t.taken = max(0, t.taken-now.Sub(t.at)/tenth)
	t.at = now
}
