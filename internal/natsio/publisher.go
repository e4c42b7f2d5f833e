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
	// Ledger of the path, which gets the fates of copies.
	Ledger *pipeline.Ledger
	// TTL is how late a copy may be written. Only time in which there was no connection, or in
	// which this process stood still, makes it late. A copy that waits behind a slow connection
	// does not expire.
	TTL time.Duration
	// Heartbeat notices when the process stands still. May be nil.
	Heartbeat *Heartbeat
	// Rights returns what the login must be allowed to do. It is called at each connect. Without
	// Patterns every login is permitted. May be nil.
	Rights func() link.Rights
	// Denied is called with the subject of each copy that the server denies; it must not block. May
	// be nil.
	Denied func(subject string)
	// Failed is called with copies that met another fate than Confirmed. They are in the ledger by
	// then, and so are the copies confirmed with them. It must not block. May be nil.
	Failed func(f pipeline.Fate, r wire.Reason, copies int)
	// Settled is called with the marks of copies that have met a fate, those without a mark
	// included. With Confirmed the server has answered for them: some may be denied instead, and
	// only Denied tells which. Of bundles it is Denied then. It must not block, and borrows the
	// slice until it returns. May be nil.
	Settled func(f pipeline.Fate, all []pipeline.Marked)
	// Written is called for copies that a write has taken, with the time since their message was
	// received. It must not block. May be nil.
	Written func(took time.Duration, copies int)
	// Changed is called after each change of Up, Suspected and Standing; it must not block. May be
	// nil.
	Changed func()
}

// A Publisher publishes on one side, over one connection at a time. It is a pipeline.Publisher, and
// the link.Handler of a Link. All methods may be called from any goroutine.
//
// A copy that was written is in doubt until a PONG comes back on the same connection. A copy in
// doubt is never written again. A copy that provably was not written waits for the next connection,
// until its time to live is over.
type Publisher struct {
	cfg      PublisherConfig
	handOver time.Duration // how long a move may hold the lane up

	abort     chan struct{}
	abortOnce sync.Once

	// Guarded by mu.
	mu        lock.Mutex[Publisher]
	current   *outbox
	attaching *link.Session             // nil if there is none
	outboxes  map[*link.Session]*outbox // of all sessions that are neither lost nor retired
	changed   chan struct{}             // closed and replaced at each change of current
	moving    bool                      // nothing is written to current: its successor waits
	absent    absences                  // when there was no connection to write to
	forbidden ForbiddenLogin            // see Standing.Forbidden

	lastURL atomic.Pointer[string]
	inDoubt atomic.Int64 // copies, of all outboxes
}

// NewPublisher returns a publisher that waits for a session.
func NewPublisher(cfg PublisherConfig) *Publisher {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if cfg.Rights == nil {
		cfg.Rights = func() link.Rights { return link.Rights{} }
	}
	if cfg.Denied == nil {
		cfg.Denied = func(string) {}
	}
	if cfg.Written == nil {
		cfg.Written = func(time.Duration, int) {}
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

// URL returns the URL of the server that p publishes to, or did last. It is empty before the first
// connection.
func (p *Publisher) URL() string { return *p.lastURL.Load() }

// MaxPayload returns the size in bytes of the largest payload that the server takes, or 0 without a
// connection.
func (p *Publisher) MaxPayload() int64 {
	p.mu.Lock()
	o := p.current
	p.mu.Unlock()
	if o == nil {
		return 0
	}
	return o.session.MaxPayload()
}

// InDoubt returns how many copies are written and not settled yet.
func (p *Publisher) InDoubt() int64 { return p.inDoubt.Load() }

// Abort ends all waiting. Copies that are not written yet are abandoned, those waiting now and all
// later ones. It does not block.
func (p *Publisher) Abort() { p.abortOnce.Do(func() { close(p.abort) }) }

// Flush asks the server to answer for all copies, and blocks until no copy is in doubt, or ctx
// ends. Its error is ctx's.
func (p *Publisher) Flush(ctx context.Context) error {
	p.SettleSoon()
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

// SettleSoon asks the server to answer for all copies now, and not only with the next barrier. It
// does not block.
func (p *Publisher) SettleSoon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.outboxes {
		go o.ask() // it may block for as long as a write
	}
}

// Publish implements pipeline.Publisher. It blocks until every copy of e has been written or has
// met its fate, over as many connections as that takes. It borrows e until then.
func (p *Publisher) Publish(e *pipeline.Egress) {
	var next cursor
	for !next.end(e) {
		o, now, fate := p.outboxFor(e.Received)
		if o == nil {
			p.giveUp(fate, wire.OK, e, &next, len(e.Messages))
			return
		}
		if reason := o.write(e, &next, now); reason != wire.OK {
			p.giveUp(pipeline.Refused, reason, e, &next, next.message+1)
		}
	}
}

// Prompt implements pipeline.Publisher.
func (p *Publisher) Prompt(bytes int) bool {
	p.mu.Lock()
	o, moving := p.current, p.moving
	p.mu.Unlock()
	return o != nil && !moving && !p.aborted() && o.prompt(bytes)
}

// giveUp settles copies of e that are not written, from next on, and moves that to the message end.
func (p *Publisher) giveUp(f pipeline.Fate, r wire.Reason, e *pipeline.Egress, next *cursor, end int) {
	copies := 0
	for next.message < end {
		m := e.Messages[next.message]
		n := next.skip(e)
		copies += n
		if p.cfg.Settled != nil {
			p.cfg.Settled(f, []pipeline.Marked{{Mark: m.Mark(), Copies: uint32(n)}})
		}
	}
	p.cfg.Ledger.Settle(f, r, copies)
	p.failed(f, r, copies)
}

func (p *Publisher) failed(f pipeline.Fate, r wire.Reason, copies int) {
	if copies > 0 {
		p.cfg.Failed(f, r, copies)
	}
}

// outboxFor returns the outbox to write copies to whose message was received at the given time.
// Without a connection it blocks until there is one. It returns nil if the time to live has ended
// or the publisher is aborted, and the fate of the copies then. now is when it returns, because a
// clock costs as much as the rest.
func (p *Publisher) outboxFor(received time.Time) (o *outbox, now time.Time, fate pipeline.Fate) {
	for {
		now = time.Now()
		o, changed, left := p.look(received, now)
		switch {
		case p.aborted():
			return nil, now, pipeline.Abandoned
		case left <= 0:
			return nil, now, pipeline.Expired
		case o != nil:
			return o, now, 0
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

// look returns the outbox in use, or nil. changed is closed when there may be another one. left is
// how much time to live a message has left now that was received at the given time.
func (p *Publisher) look(received, now time.Time) (o *outbox, changed <-chan struct{}, left time.Duration) {
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
	p.setAttaching(s)
	defer p.setAttaching(nil)
	url := s.URL()
	p.lastURL.Store(&url)
	o := newOutbox(p, s)
	s.OnDenied(o.noticeDenied)
	s.OnSuspect(p.cfg.Changed)
	if err := p.admit(ctx, o); err != nil {
		return err
	}
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

func (p *Publisher) setAttaching(s *link.Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.attaching = s
}

// handOverTimeout is Publisher.handOver, except in tests.
const handOverTimeout = 2 * time.Second

// catchUp blocks until the server has answered for all copies written to old, for p.handOver at
// most. Nothing is written to the successor before, because copies of one lane must not overtake
// each other on a move.
func (p *Publisher) catchUp(ctx context.Context, old *outbox) {
	p.mu.Lock()
	p.moving = true
	p.absent.begin(time.Now())
	p.mu.Unlock()
	old.close() // waits for a write under way, so the server has all of handOver to answer
	ctx, cancel := context.WithTimeout(ctx, p.handOver)
	defer cancel()
	old.awaitSettled(ctx)
}

// Retire implements link.Handler. It waits until all copies in doubt are settled.
func (p *Publisher) Retire(ctx context.Context, s *link.Session) error {
	o := p.forget(s)
	if o == nil {
		return nil
	}
	late, cancel := link.Grace(ctx)
	defer cancel()
	return o.retire(late)
}

// Lost implements link.Handler. Copies in doubt become unconfirmed.
func (p *Publisher) Lost(s *link.Session, _ error) {
	if o := p.forget(s); o != nil {
		o.end()
	}
}

// forget returns the outbox of s, which is no longer used from then on. It returns nil if the
// outbox was forgotten before.
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

// drop stops using o, if o is still in use and no successor waits for it.
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

// use makes all later copies go to o.
func (p *Publisher) use(o *outbox) {
	p.mu.Lock()
	p.setCurrent(o)
	p.mu.Unlock()
	p.cfg.Changed()
}

// setCurrent sets the outbox in use, or nil, and wakes all who wait for one. mu is held.
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
