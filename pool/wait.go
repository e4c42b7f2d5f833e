package pool

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// alone is how many bytes may be lent and still count as next to nothing.
const alone = 1 << 20

// WaitForRoom blocks until n more bytes can be lent without Lent exceeding limit, and returns nil;
// or until ctx ends, and returns its error. A message larger than the limit passes alone: there is
// also room when next to nothing is lent, 1 MiB or less. With room at once it costs a look at Lent,
// not even at ctx.
//
// It reserves nothing. It is no queue either: whoever needs less may go first. A caller that holds
// a buffer would wait for itself: see [Pool.WaitToReplace].
func (p *Pool) WaitForRoom(ctx context.Context, n, limit int64) error {
	return p.WaitToReplace(ctx, 0, n, limit)
}

// WaitToReplace is WaitForRoom for a caller that holds a buffer of held bytes, and will have one of
// n bytes in its place. It looks at what all others have.
func (p *Pool) WaitToReplace(ctx context.Context, held, n, limit int64) error {
	most := max(limit-n, alone) + held
	if p.lent.Load() <= most {
		return nil
	}
	return p.waitUntil(ctx, most)
}

// waitUntil blocks until most bytes or less are lent. It registers before it looks, so that a
// Release that it does not see finds it there.
func (p *Pool) waitUntil(ctx context.Context, most int64) error {
	w := &waiter{most: most, woken: make(chan struct{}, 1)}
	p.waiters.add(w)
	defer p.waiters.remove(w)
	for p.lent.Load() > most {
		select {
		case <-w.woken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// A waiter is one call of WaitForRoom or WaitToReplace that blocks.
type waiter struct {
	most  int64         // bytes that may be lent for it to go on
	woken chan struct{} // holds one signal, so that none is lost while the waiter is about to look
}

// waiters are those of one pool.
type waiters struct {
	length atomic.Int32 // so that nobody needs mu to see that there are none

	// Guarded by mu.
	mu  sync.Mutex
	all []*waiter
}

func (ws *waiters) add(w *waiter) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.all = append(ws.all, w)
	ws.length.Add(1)
}

func (ws *waiters) remove(w *waiter) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	i := slices.Index(ws.all, w)
	ws.all = slices.Delete(ws.all, i, i+1)
	ws.length.Add(-1)
}

// wake has all waiters look again for whom there is room now.
func (ws *waiters) wake(lent *atomic.Int64) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, w := range ws.all {
		if lent.Load() > w.most {
			continue
		}
		select {
		case w.woken <- struct{}{}:
		default: // it has not looked since the last signal
		}
	}
}
