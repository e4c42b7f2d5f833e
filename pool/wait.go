package pool

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// alone is how much may be lent, in bytes, and still count as next to nothing.
const alone = 1 << 20

// WaitForRoom blocks until n more bytes can be lent without Lent exceeding limit, or until next to nothing is lent (1 MiB or
// less), so that a message larger than the limit passes alone. It returns nil then, and the error of ctx if that ends
// first. When there is room it costs a look at Lent, not even at ctx.
//
// It reserves nothing, and it is not a queue: whoever needs less may go first. A caller that holds a buffer would be waiting
// for itself: see [Pool.WaitToReplace].
func (p *Pool) WaitForRoom(ctx context.Context, n, limit int64) error {
	return p.WaitToReplace(ctx, 0, n, limit)
}

// WaitToReplace is WaitForRoom for a caller that holds a buffer of own bytes and will have one of n bytes in its place: it looks at
// what all others have.
func (p *Pool) WaitToReplace(ctx context.Context, own, n, limit int64) error {
	most := max(limit-n, alone) + own
	if p.lent.Load() <= most {
		return nil
	}
	return p.wait(ctx, most)
}

// wait blocks until most bytes or less are lent. It enters the queue before it looks: a Release that it does not see
// finds it there.
func (p *Pool) wait(ctx context.Context, most int64) error {
	w := &waiter{most: most, woken: make(chan struct{}, 1)}
	p.queue.enter(w)
	defer p.queue.leave(w)
	for p.lent.Load() > most {
		select {
		case <-w.woken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// A waiter is one call of Wait that blocks.
type waiter struct {
	most  int64         // bytes that may be lent for it to go on
	woken chan struct{} // holds one signal: it keeps for a waiter that is about to look
}

// A queue holds those who wait.
type queue struct {
	length atomic.Int32 // so that nobody needs mu to see that nobody waits

	// Guarded by mu.
	mu      sync.Mutex
	waiters []*waiter
}

func (q *queue) enter(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiters = append(q.waiters, w)
	q.length.Add(1)
}

func (q *queue) leave(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := slices.Index(q.waiters, w)
	q.waiters = slices.Delete(q.waiters, at, at+1)
	q.length.Add(-1)
}

// wake makes all look again that have room now.
func (q *queue) wake(lent *atomic.Int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, w := range q.waiters {
		if lent.Load() > w.most {
			continue
		}
		select {
		case w.woken <- struct{}{}:
		default: // it has not looked yet since the last time
		}
	}
}
