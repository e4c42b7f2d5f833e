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

// An outbox is the use of one session by a publisher. It keeps the books of the copies written to
// the session.
//
// written = confirmed + denied + in doubt. A barrier (a PING of our own and its PONG) settles the
// copies written before it as confirmed or denied (barrier.go). The end of the connection settles
// the rest as unconfirmed.
type outbox struct {
	publisher *Publisher
	session   *link.Session
	sender    sender
	began     time.Time
	verdict   link.Verdict
	doubt     error       // why the verdict is Doubtful, else nil
	proven    atomic.Bool // a copy was confirmed

	// Guarded by mu, which the lane holds while it writes. So a barrier counts only copies that are
	// written completely.
	mu                         lock.Mutex[outbox]
	written, confirmed, denied int
	barrier                    barrier
	bundles                    bundles
	marks                      marks
	answeredFor                int           // copies whose marks are settled
	closed                     bool          // nothing more is written
	ended                      bool          // nothing more is settled
	settled                    chan struct{} // closed when all is settled after closed is set
}

func newOutbox(p *Publisher, s *link.Session) *outbox {
	o := &outbox{
		publisher: p, session: s, sender: newSender(s), began: time.Now(),
		settled: make(chan struct{}),
	}
	o.barrier.answered = o.answered
	return o
}

// write writes copies from next on, and moves next behind them. It may write fewer than all:
// because the connection has ended, or so that others can take mu. If it returns a reason other
// than wire.OK, the copy at next cannot be written at all. It blocks for as long as a write, which
// begins now.
func (o *outbox) write(e *pipeline.Egress, next *cursor, now time.Time) wire.Reason {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.publisher.drop(o)
		return wire.OK
	}
	n, asked, err := o.sender.write(e, *next, o.barrier.due(now))
	now = time.Now()
	o.publisher.cfg.Written(now.Sub(e.Received), n)
	o.bundles.note(e, *next, n, o.written)
	if o.publisher.cfg.Settled != nil {
		o.marks.note(e, *next, n)
	}
	next.advance(e, n)
	o.written += n
	o.publisher.inDoubt.Add(int64(n))
	if asked {
		o.beginBarrier(now)
	}
	o.barrierLater()
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

// prompt reports whether so many bytes can be written now without waiting for anybody. It does not
// block.
func (o *outbox) prompt(bytes int) bool {
	if !o.mu.TryLock() {
		return false
	}
	defer o.mu.Unlock()
	return !o.closed && o.sender.prompt(bytes)
}

// settle enters the fates of the first written copies of the session. The session may have counted
// denials of later copies already. Each of these delays one confirmation until the next barrier, so
// the sums are right whenever nothing is in doubt. mu is held.
func (o *outbox) settle(written int) {
	if o.ended {
		return
	}
	o.settleMarks(pipeline.Confirmed, written-o.answeredFor)
	o.answeredFor = written
	denied := o.countDenied()
	o.bundles.forget(written)
	if n := written - o.denied - o.confirmed; n > 0 {
		o.confirmed += n
		o.count(pipeline.Confirmed, n)
		o.proven.Store(true)
	}
	o.publisher.failed(pipeline.Denied, wire.OK, denied)
	if o.inDoubt() == 0 && o.closed {
		close(o.settled)
		o.ended = true
	}
}

// inDoubt returns how many copies are in doubt. mu is held.
func (o *outbox) inDoubt() int { return o.written - o.confirmed - o.denied }

// countDenied enters the new denials, and returns how many there are. It never counts more denials
// than copies, whatever the server says. mu is held.
func (o *outbox) countDenied() (n int) {
	n = min(int(o.session.Denied())+o.bundles.deniedBeside(), o.written-o.confirmed) - o.denied
	o.denied += n
	o.count(pipeline.Denied, n)
	return n
}

func (o *outbox) count(f pipeline.Fate, n int) {
	o.publisher.cfg.Ledger.Settle(f, wire.OK, n)
	o.publisher.inDoubt.Add(int64(-n))
}

// close stops writing. It blocks until a write under way has returned.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// retire stops writing, and blocks until all copies are settled. Copies in doubt when ctx ends
// become unconfirmed, and retire fails.
func (o *outbox) retire(ctx context.Context) error {
	o.close()
	o.awaitSettled(ctx)
	if n := o.end(); n > 0 {
		return fmt.Errorf("%d copies are unconfirmed", n)
	}
	return nil
}

// awaitSettled blocks until all copies are settled, the connection is gone, the publisher is
// aborted or ctx ends. Nothing may be written meanwhile.
func (o *outbox) awaitSettled(ctx context.Context) {
	for o.open() {
		go o.ask() // it may block for as long as a write
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
	return !o.ended && o.inDoubt() > 0
}

// end settles the copies still in doubt as unconfirmed, and returns how many these are. The server
// will never answer for them.
func (o *outbox) end() (unconfirmed int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return 0
	}
	o.closed, o.ended = true, true
	o.barrier.stop()
	o.settleMarks(pipeline.Unconfirmed, o.written-o.answeredFor)
	o.publisher.failed(pipeline.Denied, wire.OK, o.countDenied())
	unconfirmed = o.inDoubt()
	o.count(pipeline.Unconfirmed, unconfirmed)
	o.publisher.failed(pipeline.Unconfirmed, wire.OK, unconfirmed)
	return unconfirmed
}
