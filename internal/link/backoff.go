package link

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 5 * time.Second
	// steady is how long a connection must have lived for its end to count as the first failure.
	steady = 10 * time.Second
	// forgetRest is how long after its rest a server that is not seen again is remembered.
	forgetRest = time.Minute
)

// backoff is the wait before the next attempt. The zero value is ready.
type backoff struct{ base time.Duration }

// next doubles from backoffMin to backoffMax, give or take half, so that relays that lost the same
// server do not come back in step.
func (b *backoff) next() time.Duration {
	b.base = min(max(2*b.base, backoffMin), backoffMax)
	return jitter(b.base)
}

func (b *backoff) reset() { b.base = 0 }

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// rests are how long servers are left alone that have lost our connection, by address. What has
// just come up again does not need all its clients in one moment. The zero value is none.
type rests map[string]*rest

type rest struct {
	backoff backoff
	until   time.Time
}

// lost has sv rest, for longer each time unless we were connected for long.
func (r rests) lost(sv server, steadily bool) {
	maps.DeleteFunc(r, func(_ string, rest *rest) bool { return time.Since(rest.until) > forgetRest })
	key := strings.ToLower(sv.address())
	if r[key] == nil {
		r[key] = new(rest)
	}
	if steadily {
		r[key].backoff.reset()
	}
	r[key].until = time.Now().Add(r[key].backoff.next())
}

// left is how much longer sv rests.
func (r rests) left(sv server) time.Duration {
	if rest := r[strings.ToLower(sv.address())]; rest != nil {
		return max(0, time.Until(rest.until))
	}
	return 0
}

// inTurn puts those that still have to rest behind the others.
func (r rests) inTurn(servers []server) []server {
	slices.SortStableFunc(servers, func(a, b server) int { return cmp.Compare(r.left(a), r.left(b)) })
	return servers
}

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
