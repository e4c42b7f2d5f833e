package natsio

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// An epoch is the use of one connection by a publisher, with the books of what was written to it.
//
// written = confirmed + denied + in doubt. A barrier (a PING of our own and its PONG) settles what was written before it;
// the end of the connection settles the rest as unconfirmed.
type outbox struct {
	publisher *Publisher
	session   *link.Session
	wake      chan struct{} // full when something may be in doubt
	began     time.Time
	verdict   link.Verdict
	doubt     error       // why it is Doubtful
	proven    atomic.Bool // something was confirmed

	// Guarded by mu. The lane holds it while it writes, so that the barrier counts only what is in the buffer.
	mu                         sync.Mutex
	written, confirmed, denied int
	closed                     bool // nothing more is written
	ended                      bool // nothing more is settled
	settled                    chan struct{}
	gather                     gather
}

func newOutbox(p *Publisher, s *link.Session) *outbox {
	return &outbox{publisher: p, session: s, began: time.Now(), wake: make(chan struct{}, 1), settled: make(chan struct{})}
}

// write publishes what at points to and what comes behind it, and moves at behind what it has written: fewer than all where
// the connection has ended, or at the message that, for a reason, cannot be written at all, or just to let others have a look.
func (ep *outbox) write(e *pipeline.Egress, at *cursor) wire.Reason {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	if ep.closed {
		ep.publisher.drop(ep)
		return wire.OK
	}
	put := ep.writeMessage
	if ep.session.Framed() {
		put = ep.writeFrames
	}
	n, err := put(e, *at)
	at.advance(e, n)
	ep.written += n
	ep.publisher.inDoubt.Add(int64(n))
	ep.signal()
	switch {
	case err == nil:
	case errors.Is(err, nats.ErrMaxPayload):
		ep.session.Renew(link.ForSize)
		return wire.TooLarge
	case errors.Is(err, nats.ErrBadSubject):
		return wire.BadSubject
	default:
		ep.publisher.drop(ep)
	}
	return wire.OK
}

// writeChunk is how many copies are written before the barrier gets a look in.
const writeChunk = 128

// writeMessage has nats.go write copies of one message, which bounds writes by itself. It returns how many it took.
func (ep *outbox) writeMessage(e *pipeline.Egress, at cursor) (n int, err error) {
	m := e.Messages[at.message]
	payload := e.Payload(m)
	for n < min(writeChunk, m.Copies()-at.copy) && err == nil {
		if err = ep.session.Conn.Publish(text(e.Subject(m, at.copy+n)), payload); err == nil || !unwritten(err) {
			n++
		}
	}
	return n, err
}

// text lends b as a string to a callee that does not keep it.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unwritten tells whether err proves that nothing was written. After any other error the copy is in doubt.
func unwritten(err error) bool {
	return errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrMaxPayload) ||
		errors.Is(err, nats.ErrBadSubject) || errors.Is(err, nats.ErrConnectionDraining)
}

func (ep *outbox) signal() {
	select {
	case ep.wake <- struct{}{}:
	default:
	}
}

// confirm sends a barrier whenever something is in doubt. It ends with the connection.
func (ep *outbox) confirm() {
	window := time.NewTimer(0)
	defer window.Stop()
	for {
		select {
		case <-ep.wake:
		case <-ep.session.Done():
			return
		}
		if ep.session.Framed() {
			window.Reset(flushWindow)
			select {
			case <-window.C:
			case <-ep.session.Done():
				return
			}
		}
		ep.barrier()
	}
}

// flushWindow is how long copies may wait for a barrier, so that one serves many.
const flushWindow = 10 * time.Millisecond

// barrierTimeout is for nats.go, and longer than its keep-alive needs to end a dead connection. Ours knows better how long an
// answer may take.
const barrierTimeout = 20 * time.Second

// barrier settles what has been written so far, once the server has answered for it.
func (ep *outbox) barrier() {
	ep.mu.Lock()
	written, open := ep.written, ep.written-ep.confirmed-ep.denied
	ep.mu.Unlock()
	if open == 0 {
		return
	}
	ctx := context.Background()
	if !ep.session.Framed() {
		limited, cancel := context.WithTimeout(ctx, barrierTimeout)
		defer cancel()
		ctx = limited
	}
	err := ep.session.RoundTrip(ctx)
	if err == nil {
		err = ep.session.Settle(ctx)
	}
	if err == nil {
		ep.settle(written)
	} else if !ep.session.Conn.IsClosed() {
		ep.signal()
	}
}

// settle enters the fates of the first written copies. Denials of later ones may be among those counted already: they
// put off as many confirmations until the next barrier, and the sums are right whenever nothing is in doubt.
func (ep *outbox) settle(written int) {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	if ep.ended {
		return
	}
	refused := ep.countDenied()
	if n := written - ep.denied - ep.confirmed; n > 0 {
		ep.confirmed += n
		ep.count(pipeline.Confirmed, n)
		ep.proven.Store(true)
	}
	ep.publisher.failed(pipeline.Denied, wire.OK, refused)
	if ep.confirmed+ep.denied < ep.written {
		ep.signal()
	} else if ep.closed {
		close(ep.settled)
		ep.ended = true
	}
}

// countDenied enters the denials that are known: no more than there are copies, whatever the server says. mu is held.
func (ep *outbox) countDenied() (n int) {
	n = min(int(ep.session.Denied()), ep.written-ep.confirmed) - ep.denied
	ep.denied += n
	ep.count(pipeline.Denied, n)
	return n
}

func (ep *outbox) count(f pipeline.Fate, n int) {
	ep.publisher.cfg.Ledger.Settle(f, wire.OK, n)
	ep.publisher.inDoubt.Add(int64(-n))
}

// close stops writing.
func (ep *outbox) close() {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.closed = true
}

// retire stops writing and waits until everything is settled; what is not when ctx ends never will be.
func (ep *outbox) retire(ctx context.Context) error {
	ep.close()
	ep.wait(ctx)
	if n := ep.end(); n > 0 {
		return fmt.Errorf("%d copies are unconfirmed", n)
	}
	return nil
}

// wait returns when everything is settled, the connection is gone, the publisher is aborted or ctx ends.
func (ep *outbox) wait(ctx context.Context) {
	for ep.open() {
		ep.signal()
		select {
		case <-ep.settled:
		case <-ep.session.Done():
			return
		case <-ep.publisher.abort:
			return
		case <-ctx.Done():
			return
		}
	}
}

// open tells whether copies are in doubt.
func (ep *outbox) open() bool {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return !ep.ended && ep.confirmed+ep.denied < ep.written
}

// end settles what is left, and returns how much that is: it was written, and nobody will ever say more about it.
func (ep *outbox) end() (unconfirmed int) {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	if ep.ended {
		return 0
	}
	ep.closed, ep.ended = true, true
	ep.publisher.failed(pipeline.Denied, wire.OK, ep.countDenied())
	unconfirmed = ep.written - ep.confirmed - ep.denied
	ep.count(pipeline.Unconfirmed, unconfirmed)
	ep.publisher.failed(pipeline.Unconfirmed, wire.OK, unconfirmed)
	return unconfirmed
}
