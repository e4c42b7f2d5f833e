package natsio

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 5 * time.Second
	// steady is how long a connection must have lived for its end to count as the first failure.
	steady = 10 * time.Second
)

// backoff is the wait before the next attempt. The zero value is ready.
type backoff struct{ base time.Duration }

// next doubles from backoffMin to backoffMax, give or take half, so that relays that lost the same server do not come back in step.
func (b *backoff) next() time.Duration {
	b.base = min(max(2*b.base, backoffMin), backoffMax)
	return jitter(b.base)
}

func (b *backoff) reset() { b.base = 0 }

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
