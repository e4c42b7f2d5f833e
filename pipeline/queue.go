package pipeline

import (
	"sync"
	"sync/atomic"
)

// A queue holds the egresses that have arrived at a lane, in order. It has no bound: see
// dealer.awaitRoom. One goroutine at a time puts egresses in, and one takes them out.
type queue struct {
	length atomic.Int64

	// Guarded by mu.
	mu          sync.Mutex
	arrived     sync.Cond // or closed
	first, last *Egress
	closed      bool
}

// put takes ownership of e. It does not block.
func (q *queue) put(e *Egress) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == nil {
		q.first = e
	} else {
		q.last.next = e
	}
	q.last = e
	q.length.Add(1)
	q.arrived.Signal()
}

// take returns the first egress, which the caller owns then. It blocks until there is one. It
// returns nil if q is empty and closed.
func (q *queue) take() *Egress {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.first == nil && !q.closed {
		q.arrived.Wait()
	}
	return q.pop()
}

// poll is take for a caller that does not wait. It returns nil if q is empty. open is false if
// nothing more will come.
func (q *queue) poll() (e *Egress, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e = q.pop()
	return e, e != nil || !q.closed
}

// pop removes the first egress, if there is one. mu is held.
func (q *queue) pop() *Egress {
	e := q.first
	if e != nil {
		q.first, e.next = e.next, nil
		q.length.Add(-1)
	}
	return e
}

// close says that no more will be put in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.arrived.Signal()
}
