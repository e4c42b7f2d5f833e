package natsio

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// PublisherConfig is what NewPublisher needs.
type PublisherConfig struct {
	// Ledger that the fates go to.
	Ledger *pipeline.Ledger
	// TTL is how late a copy may be written. Only time counts in which there was no connection, or
	// this process stood still: a copy that waits behind a slow connection does not expire.
	TTL time.Duration
	// Heartbeat knows when the process stood still. May be nil.
	Heartbeat *Heartbeat
	// Rights are what the login must be allowed. Without any nothing is asked.
	Rights link.Rights
	// Denied is told each subject that the server denies; it must not block. May be nil.
	Denied func(subject string)
	// Failed is told of copies that met another fate than Confirmed, and why, when they and those
	// confirmed with them are in the books; it must not block. May be nil.
	Failed func(f pipeline.Fate, r wire.Reason, copies int)
	// Changed is called after each change of Up, Suspected and Standing; it must not block. May be
	// nil.
	Changed func()
}

// A Publisher publishes on one side, over one connection at a time: a pipeline.Publisher. It is the
// link.Handler of a Link. All methods may be called from any goroutine.
//
// A copy that was written is in doubt until a PONG comes back on the same connection. Nothing in
// doubt is ever written again; what provably was not written waits for the next connection, until
// its time to live is over.
type Publisher struct {
	cfg      PublisherConfig
	handOver time.Duration // how long a move may hold the lane up

	abort     chan struct{}
	abortOnce sync.Once

	// Guarded by mu.
	mu        lock.Mutex[Publisher]
	current   *outbox
	outboxes  map[*link.Session]*outbox // of all sessions not lost or retired yet
	changed   chan struct{}             // closed and replaced at each change of current
	moving    bool                      // current takes nothing more, its successor waits for it
	absent    absences                  // of a connection to write to
	forbidden ForbiddenLogin            // the latest

	lastURL atomic.Pointer[string]
	inDoubt atomic.Int64 // copies, of all outboxes
}

// NewPublisher returns a publisher that waits for a session.
func NewPublisher(cfg PublisherConfig) *Publisher {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if cfg.Denied == nil {
		cfg.Denied = func(string) {}
	}
	if cfg.Failed == nil {
		cfg.Failed = func(pipeline.Fate, wire.Reason, int) {}
	}
	p := &Publisher{
		cfg:      cfg,
		handOver: handOverTimeout,
		abort:    make(chan struct{}),
		outboxes: make(map[*link.Session]*outbox),
		changed:  make(chan struct{}),
	}
	p.lastURL.Store(new(string))
	p.absent.begin(time.Now())
	return p
}

// Up reports whether there is a connection to publish on.
func (p *Publisher) Up() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current != nil
}

// Suspected reports whether there is a connection, but its server has owed an answer for too long.
func (p *Publisher) Suspected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current != nil && !p.current.session.Suspected().IsZero()
}

// URL is the server that it publishes to, or did last; empty before the first connection.
func (p *Publisher) URL() string { return *p.lastURL.Load() }

// InDoubt is the number of copies written and not settled yet.
func (p *Publisher) InDoubt() int64 { return p.inDoubt.Load() }

// Abort ends all waiting: what is not written yet is abandoned, now and from now on.
func (p *Publisher) Abort() { p.abortOnce.Do(func() { close(p.abort) }) }

// Flush waits until no copy is in doubt, or ctx ends.
func (p *Publisher) Flush(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for p.InDoubt() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Publish implements pipeline.Publisher. It returns when every copy of e has been written or has
// met its fate, over as many connections as that needs. It borrows e until then.
func (p *Publisher) Publish(e *pipeline.Egress) {
	var next cursor
	for !next.end(e) {
		o, fate := p.outboxFor(e.Received)
		if o == nil {
			p.giveUp(fate, wire.OK, next.left(e))
			return
		}
		if reason := o.write(e, &next); reason != wire.OK {
			p.giveUp(pipeline.Refused, reason, next.skip(e))
		}
	}
}

// giveUp settles copies that are not written.
func (p *Publisher) giveUp(f pipeline.Fate, r wire.Reason, copies int) {
	p.cfg.Ledger.Settle(f, r, copies)
	p.failed(f, r, copies)
}

func (p *Publisher) failed(f pipeline.Fate, r wire.Reason, copies int) {
	if copies > 0 {
		p.cfg.Failed(f, r, copies)
	}
}

// outboxFor returns where to write what was received then. Without a connection it waits for one,
// as long as the time to live allows, and then returns the fate of what could not be written.
func (p *Publisher) outboxFor(received time.Time) (*outbox, pipeline.Fate) {
	for {
		o, changed, left := p.look(received)
		switch {
		case p.aborted():
			return nil, pipeline.Abandoned
		case left <= 0:
			return nil, pipeline.Expired
		case o != nil:
			return o, 0
		}
		timeout := time.NewTimer(left)
		select {
		case <-changed:
		case <-timeout.C:
		case <-p.abort:
		}
		timeout.Stop()
	}
}

// look returns the outbox in use, nil without one, what is closed when there may be another, and
// how much time to live is left for what was received then.
func (p *Publisher) look(received time.Time) (o *outbox, changed <-chan struct{}, left time.Duration) {
	now := time.Now()
	pauses := p.cfg.Heartbeat.noticed(now)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.moving {
		o = p.current
	}
	return o, p.changed, p.cfg.TTL - p.absent.after(received, now, pauses)
}

func (p *Publisher) aborted() bool { return closed(p.abort) }

// Attach implements link.Handler.
func (p *Publisher) Attach(ctx context.Context, s *link.Session) error {
	url := s.URL()
	p.lastURL.Store(&url)
	s.OnDenied(p.cfg.Denied)
	s.OnSuspect(p.cfg.Changed)
	o := newOutbox(p, s)
	if err := p.admit(ctx, o); err != nil {
		return err
	}
	go o.confirm()
	p.mu.Lock()
	old := p.current
	p.outboxes[s] = o
	p.mu.Unlock()
	if old != nil {
		p.catchUp(ctx, old)
	}
	p.use(o)
	return nil
}

// handOverTimeout is the usual Publisher.handOver.
const handOverTimeout = 2 * time.Second

// catchUp lets the server answer for what was written to old before anything is written to its
// successor: copies of one lane must not overtake each other on a move.
func (p *Publisher) catchUp(ctx context.Context, old *outbox) {
	p.mu.Lock()
	p.moving = true
	p.absent.begin(time.Now())
	p.mu.Unlock()
	old.close() // waits for a write under way: the server's time starts behind it
	ctx, cancel := context.WithTimeout(ctx, p.handOver)
	defer cancel()
	old.awaitSettled(ctx)
}

// Retire implements link.Handler: it lets everything in doubt be confirmed.
func (p *Publisher) Retire(ctx context.Context, s *link.Session) error {
	o := p.forget(s)
	if o == nil {
		return nil
	}
	late, cancel := link.Grace(ctx)
	defer cancel()
	return o.retire(late)
}

// Lost implements link.Handler: what is in doubt stays unconfirmed.
func (p *Publisher) Lost(s *link.Session, _ error) {
	if o := p.forget(s); o != nil {
		o.end()
	}
}

// forget returns the outbox of s, which is no longer in use; nil if it was forgotten before.
func (p *Publisher) forget(s *link.Session) *outbox {
	p.mu.Lock()
	o := p.outboxes[s]
	delete(p.outboxes, s)
	p.mu.Unlock()
	if o != nil {
		p.drop(o)
	}
	return o
}

// drop stops using o, if it is still in use and has no successor yet.
func (p *Publisher) drop(o *outbox) {
	p.mu.Lock()
	used := p.current == o && !p.moving
	if used {
		p.setCurrent(nil)
	}
	p.mu.Unlock()
	if used {
		p.cfg.Changed()
	}
}

// use has everybody write to o from now on.
func (p *Publisher) use(o *outbox) {
	p.mu.Lock()
	p.setCurrent(o)
	p.mu.Unlock()
	p.cfg.Changed()
}

// setCurrent wakes all who wait. mu is held.
func (p *Publisher) setCurrent(o *outbox) {
	p.current, p.moving = o, false
	if o == nil {
		p.absent.begin(time.Now())
	} else {
		p.absent.end(time.Now())
	}
	close(p.changed)
	p.changed = make(chan struct{})
}
