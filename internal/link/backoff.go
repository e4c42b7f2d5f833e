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
	// steady is how long a connection must have lived for its end to count as a first failure.
	steady = 10 * time.Second
	// forgetRest is how long a server is remembered after its rest has ended.
	forgetRest = time.Minute
)

// A backoff counts up how long to wait before the next attempt. The zero value is for the first
// attempt.
type backoff struct{ base time.Duration }

// next returns how long to wait: twice as long as before, from backoffMin to backoffMax, give or
// take half. So relays that lost the same server do not come back in step.
func (b *backoff) next() time.Duration {
	b.base = min(max(2*b.base, backoffMin), backoffMax)
	return jitter(b.base)
}

func (b *backoff) reset() { b.base = 0 }

// jitter is d, give or take half of it.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// rests are the servers, by address, that are left alone because they have just lost our
// connection. A server that has just come up again does not need all its clients in one moment.
type rests map[string]*rest

// A rest is the time in which one server is left alone. It may be over.
type rest struct {
	backoff backoff
	until   time.Time
}

// begin begins a rest of sv, a longer one each time. steadily says that we had been connected for
// long, so the rests begin with a short one again.
func (r rests) begin(sv server, steadily bool) {
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

// remaining is how much longer sv rests.
func (r rests) remaining(sv server) time.Duration {
	if rest := r[strings.ToLower(sv.address())]; rest != nil {
		return max(0, time.Until(rest.until))
	}
	return 0
}

// restedFirst moves the servers that still have to rest behind the others, in place.
func (r rests) restedFirst(servers []server) []server {
	slices.SortStableFunc(servers, func(a, b server) int { return cmp.Compare(r.remaining(a), r.remaining(b)) })
	return servers
}

// sleepUnlessReplaced is sleep, but ends early, with true, when e is replaced.
func sleepUnlessReplaced(ctx context.Context, e *Endpoint, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-e.replaced:
	case <-ctx.Done():
		return false
	}
	return true
}

// sleep blocks for d. It returns false when ctx ended first.
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
