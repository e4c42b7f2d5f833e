package natsio

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// An outbox is the use of one session by a publisher, with the books of what was written to it.
//
// written = confirmed + denied + in doubt. A barrier (a PING of our own and its PONG) settles what
// was written before it. The end of the connection settles the rest as unconfirmed.
type outbox struct {
	publisher *Publisher
	session   *link.Session
	sender    sender
	wake      chan struct{} // full when something may be in doubt
	began     time.Time
	verdict   link.Verdict
	doubt     error       // why it is Doubtful
	proven    atomic.Bool // something was confirmed

	// Guarded by mu. The lane holds it while it writes, so that the barrier counts only what has
	// been written.
	mu                         lock.Mutex[outbox]
	written, confirmed, denied int
	closed                     bool // nothing more is written
	ended                      bool // nothing more is settled
	settled                    chan struct{}
}

func newOutbox(p *Publisher, s *link.Session) *outbox {
	return &outbox{
		publisher: p, session: s, sender: newSender(s), began: time.Now(),
		wake: make(chan struct{}, 1), settled: make(chan struct{}),
	}
}

// write writes copies from next on, and moves next behind those. They are fewer than all where the
// connection has ended, or just to let others have a look. A reason is why the copy at next cannot
// be written at all.
func (o *outbox) write(e *pipeline.Egress, next *cursor) wire.Reason {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.publisher.drop(o)
		return wire.OK
	}
	n, err := o.sender.write(e, *next)
	next.advance(e, n)
	o.written += n
	o.publisher.inDoubt.Add(int64(n))
	o.signal()
	switch {
	case err == nil:
	case errors.Is(err, errTooLarge):
		o.session.Renew(link.ForSize)
		return wire.TooLarge
	case errors.Is(err, errBadSubject):
		return wire.BadSubject
	default:
		o.publisher.drop(o)
	}
	return wire.OK
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// confirm sends a barrier whenever something is in doubt. It ends with the connection.
func (o *outbox) confirm() {
	window := time.NewTimer(0)
	defer window.Stop()
	for {
		select {
		case <-o.wake:
		case <-o.session.Done():
			return
		}
		window.Reset(o.sender.window())
		select {
		case <-window.C:
		case <-o.session.Done():
			return
		}
		o.barrier()
	}
}

// barrier settles what has been written so far, once the server has answered for it.
func (o *outbox) barrier() {
	o.mu.Lock()
	written, open := o.written, o.written-o.confirmed-o.denied
	o.mu.Unlock()
	if open == 0 {
		return
	}
	if o.sender.confirm() == nil {
		o.settle(written)
	} else if !o.session.Conn.IsClosed() {
		o.signal()
	}
}

// settle enters the fates of the first written copies. Denials of later ones may be among those
// counted already. They put off as many confirmations until the next barrier, and the sums are
// right whenever nothing is in doubt.
func (o *outbox) settle(written int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	denied := o.countDenied()
	if n := written - o.denied - o.confirmed; n > 0 {
		o.confirmed += n
		o.count(pipeline.Confirmed, n)
		o.proven.Store(true)
	}
	o.publisher.failed(pipeline.Denied, wire.OK, denied)
	if o.confirmed+o.denied < o.written {
		o.signal()
	} else if o.closed {
		close(o.settled)
		o.ended = true
	}
}

// countDenied enters the denials that are known: no more than there are copies, whatever the server
// says. mu is held.
func (o *outbox) countDenied() (n int) {
	n = min(int(o.session.Denied()), o.written-o.confirmed) - o.denied
	o.denied += n
	o.count(pipeline.Denied, n)
	return n
}

func (o *outbox) count(f pipeline.Fate, n int) {
	o.publisher.cfg.Ledger.Settle(f, wire.OK, n)
	o.publisher.inDoubt.Add(int64(-n))
}

// close stops writing. It waits for a write under way.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// retire stops writing and waits until everything is settled. What is not when ctx ends never will
// be.
func (o *outbox) retire(ctx context.Context) error {
	o.close()
	o.awaitSettled(ctx)
	if n := o.end(); n > 0 {
		return fmt.Errorf("%d copies are unconfirmed", n)
	}
	return nil
}

// awaitSettled returns when everything is settled, the connection is gone, the publisher is aborted
// or ctx ends. Nothing may be written meanwhile.
func (o *outbox) awaitSettled(ctx context.Context) {
	for o.open() {
		o.signal()
		select {
		case <-o.settled:
		case <-o.session.Done():
			return
		case <-o.publisher.abort:
			return
		case <-ctx.Done():
			return
		}
	}
}

// open reports whether copies are in doubt.
func (o *outbox) open() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.ended && o.confirmed+o.denied < o.written
}

// end settles what is left as unconfirmed, and returns how much that is. It was written, and nobody
// will ever say more about it.
func (o *outbox) end() (unconfirmed int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return 0
	}
	o.closed, o.ended = true, true
	o.publisher.failed(pipeline.Denied, wire.OK, o.countDenied())
	unconfirmed = o.written - o.confirmed - o.denied
	o.count(pipeline.Unconfirmed, unconfirmed)
	o.publisher.failed(pipeline.Unconfirmed, wire.OK, unconfirmed)
	return unconfirmed
}
