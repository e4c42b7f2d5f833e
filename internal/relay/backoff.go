package relay

import (
	"math/rand/v2"
	"time"
)

const (
	// backoffMin and backoffMax bound the time between two attempts. The time doubles from one
	// attempt to the next, and up to a quarter of it is added at random.
	backoffMin = 10 * time.Second
	backoffMax = time.Minute
)

// A backoff says when to make the next attempt of a series. A series ends when a copy is confirmed.
// The zero value is ready.
type backoff struct {
	delay     time.Duration
	next      time.Time
	confirmed int64 // how many copies the ledger had as confirmed when the series began
}

// resetIfNew begins a new series if copies have been confirmed since the last one began. confirmed
// is the count of the ledger now.
func (b *backoff) resetIfNew(confirmed int64) {
	if confirmed != b.confirmed {
		*b = backoff{confirmed: confirmed}
	}
}

// due reports whether it is time for an attempt. If it is, the next attempt is put off.
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
