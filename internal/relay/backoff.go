package relay

import (
	"math/rand/v2"
	"time"
)

const (
	// backoffMin and backoffMax bound the time between two attempts. It doubles from one to the
	// next, and up to a quarter is added by chance.
	backoffMin = 10 * time.Second
	backoffMax = time.Minute
)

// A backoff spaces attempts, until a copy is confirmed. The zero value is ready.
type backoff struct {
	delay     time.Duration
	next      time.Time
	confirmed int64 // copies by the books, when it began
}

// resetIfNew starts anew if copies have been confirmed since it last did.
func (b *backoff) resetIfNew(confirmed int64) {
	if confirmed != b.confirmed {
		*b = backoff{confirmed: confirmed}
	}
}

// due reports whether it is time for an attempt. If so, it puts the next one off.
func (b *backoff) due(now time.Time) bool {
	if now.Before(b.next) {
		return false
	}
	b.putOff(now)
	return true
}

func (b *backoff) putOff(now time.Time) {
	b.delay = min(max(2*b.delay, backoffMin), backoffMax)
	b.next = now.Add(b.delay + rand.N(b.delay/4))
}
