package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// A Call is a request that was sent, and the replies to it. The caller must Close it. Replies is
// for one goroutine at a time, Close for any.
type Call struct {
	// Set by Ask, then read-only.
	client   *Client
	ctx      context.Context
	extra    bool
	expected expected
	deadline time.Time
	closing  time.Time
	skipped  []Skipped
	sub      *nats.Subscription
	before   before

	sent Traffic // owned by Ask

	reader *reader       // owned by the subscription's goroutine
	news   chan struct{} // gets a value when something has changed

	// Guarded by mu.
	mu       sync.Mutex
	books    *books
	waiting  []*Reply // not taken yet
	room     int      // bytes left of Options.Buffer
	partial  Result   // its counters
	singles  bool     // single replies came
	stopped  bool     // the time is over: nothing waits for the reader any more
	gone     bool     // the subscription has ended
	finished *Result  // set by Close
}

// before is what a connection said when a call began.
type before struct {
	reconnects uint64
	err        error
}

func newCall(ctx context.Context, c *Client, p *plan) *Call {
	deadline, closing := deadlines(ctx, p.request, time.Now())
	return &Call{
		client: c, ctx: ctx, extra: p.request.Extra, deadline: deadline, closing: closing, skipped: p.skipped,
		expected: expected{subject: p.subject, id: p.request.ID, version: p.parts.Version, limits: c.opts.limits()},
		before:   before{reconnects: c.nc.Stats().Reconnects, err: c.nc.LastError()}, reader: c.readers.Get().(*reader),
		news: make(chan struct{}, 1), books: newBooks(p, c.opts.Senders), room: c.opts.Buffer,
	}
}

// subscribe comes before the request on the same connection, so the server knows of it first.
func (k *Call) subscribe() (err error) {
	if k.sub, err = k.client.nc.Subscribe(k.expected.subject, k.receive); err != nil {
		return fmt.Errorf("client: subscribing to %s: %w", k.expected.subject, err)
	}
	k.sub.SetClosedHandler(func(string) { k.end() })
	return k.sub.SetPendingLimits(-1, max(k.client.opts.Buffer, nats.DefaultSubPendingBytesLimit))
}

// end runs when no message comes any more.
func (k *Call) end() {
	k.client.readers.Put(k.reader)
	k.mu.Lock()
	k.gone = true
	k.mu.Unlock()
	k.tell()
}

func (k *Call) tell() {
	select {
	case k.news <- struct{}{}:
	default:
	}
}

// receive runs on the subscription's goroutine. It never waits for the reader of the call.
func (k *Call) receive(m *nats.Msg) {
	at := time.Now()
	found := false
	compacted := k.reader.read(m.Data, &k.expected, func(r *Reply) { k.enter(r, at); found = true }, k.reject)
	k.mu.Lock()
	k.partial.Received.add(len(m.Data))
	if compacted {
		k.partial.Bundles++
	} else if found {
		k.singles = true
	}
	k.mu.Unlock()
	k.tell()
}

// enter notes a reply that came at that time.
func (k *Call) enter(r *Reply, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.finished != nil {
		return
	}
	r.Received = at
	entry := k.books.enter(r, at.After(k.deadline))
	switch size := r.size(); {
	case entry == nil && !k.extra:
	case k.stopped:
		k.partial.Unread++
	case size <= k.room:
		k.room -= size
		k.waiting = append(k.waiting, r)
	case entry != nil:
		entry.dropped = true
	default:
		k.partial.DroppedExtra++
	}
}

func (k *Call) reject(reason string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.finished != nil {
		return
	}
	if k.partial.Rejected == nil {
		k.partial.Rejected = make(map[string]int)
	}
	k.partial.Rejected[reason]++
}

// Replies yields replies as they come. It ends when all that is expected has come, when the time is
// over, or when the context has ended. What had come before the end of the time is still yielded,
// but not after the context was cancelled. It may be called again to go on.
func (k *Call) Replies() iter.Seq[*Reply] {
	return func(yield func(*Reply) bool) {
		for {
			r := k.take()
			if r == nil && k.wait() {
				continue
			}
			if r == nil {
				r = k.take()
			}
			if r == nil || !yield(r) {
				return
			}
		}
	}
}

// take returns the next reply, or nil if there is none now.
func (k *Call) take() *Reply {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waiting) == 0 || k.cancelled() {
		return nil
	}
	r := k.waiting[0]
	k.waiting[0] = nil
	k.waiting = k.waiting[1:]
	k.room += r.size()
	return r
}

func (k *Call) cancelled() bool { return errors.Is(k.ctx.Err(), context.Canceled) }

// wait waits for news. It reports false when nothing more is to be waited for.
func (k *Call) wait() bool {
	if k.over() {
		return false
	}
	timer := time.NewTimer(time.Until(k.closing))
	defer timer.Stop()
	select {
	case <-k.news:
		return true
	case <-k.ctx.Done():
	case <-timer.C:
	}
	k.stop()
	return false
}

// over reports whether the call has ended, or has all it wants.
func (k *Call) over() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.waiting) == 0 && (k.finished != nil || k.stopped || k.gone || k.books.complete())
}

// stop ends the waiting, once the messages that the connection has for this call have been looked
// at. What still comes meanwhile is not waited for.
func (k *Call) stop() {
	pending, _, err := k.sub.Pending()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for until := k.received() + pending; err == nil && pending > 0 && k.received() < until && !k.cancelled(); {
		<-tick.C
		pending, _, err = k.sub.Pending()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
}

// received is how many messages have been looked at.
func (k *Call) received() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.partial.Received.Messages
}
