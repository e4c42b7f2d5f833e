package fleet

import (
	"time"

	"github.com/nats-io/nats.go"
)

// Result is what became of one request by the time Ask returned. Later arrivals show in the Ledger
// only.
type Result struct {
	ID         string
	Targets    int
	Messages   int // published: groups times clusters
	Delivered  int // copies that arrived at targets, as far as the ledger knows
	Replied    int
	Duplicates int // replies that arrived once more
	Foreign    int // replies from somebody who was not asked, or unreadable
	Corrupt    int // checked replies that were not what the node sent
	Dropped    int // replies that this client was too slow for

	// Missing are the targets that did not reply, in the order they were asked.
	Missing []int

	// Latencies from the publishing of the request to the first reply, to the last one, and
	// quantiles. 0 without replies.
	First, Last, P50, P99 time.Duration
}

// Complete reports whether every target replied.
func (r Result) Complete() bool { return len(r.Missing) == 0 }

// finish makes the result and lets the subscription linger. sub may be nil.
func (a *ask) finish(sub *nats.Subscription) Result {
	delivered, missing := a.entry.end()

	a.mu.Lock()
	h := a.latency
	a.latency = nil
	r := a.result
	a.mu.Unlock()

	r.ID, r.Targets, r.Delivered, r.Missing = a.id, a.targets.Len(), delivered, missing
	r.P50 = time.Duration(h.ValueAtQuantile(50)) * time.Microsecond
	r.P99 = time.Duration(h.ValueAtQuantile(99)) * time.Microsecond
	if sub != nil {
		r.Dropped, _ = sub.Dropped()
	}

	c := a.client
	c.mu.Lock()
	c.latency.Merge(h)
	c.mu.Unlock()
	h.Reset()
	c.scratch.Put(h)
	c.linger(sub)
	return r
}
