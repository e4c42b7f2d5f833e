package pipeline

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A Source brings messages of one side.
type Source interface {
	// Run hands batches to line. It blocks until ctx ends, or until the source is closed and empty.
	// When it returns, no call of line is under way, and none comes later.
	Run(ctx context.Context, line Line)
}

// A Line is the way into a pipeline.
type Line interface {
	// Take takes ownership of b. It carries b itself, or queues it for another goroutine. It blocks
	// while the path has no room. Calls come one after the other, each from any goroutine.
	Take(b *Batch)
}

// A Router decides about messages. It is asked about one message after the other, in order, and
// never from two goroutines at once.
type Router interface {
	// Route says where a message goes. It appends to r.Subjects, and calls r.Skip for targets that
	// get no copy. With a Reason other than OK the message is rejected. It may resolve escapes in
	// the message (wire.Resolve). It borrows r until it returns, and must not block.
	Route(r *Route) wire.Reason
	// Append appends to dst the payload that is sent, the same one for all subjects. It is called
	// after Route has returned OK and has appended a subject. With a Reason other than OK the
	// message is rejected after all. It borrows r until it returns, and must not block.
	Append(dst []byte, r *Route) ([]byte, wire.Reason)
}

// A Publisher publishes on one side, for one lane. Calls come one after the other, each from any
// goroutine.
type Publisher interface {
	// Publish writes every message of e to each of its subjects, in order. It must settle every
	// copy in the ledger, before it returns or later. It borrows e until it returns, and blocks
	// while its side takes no more.
	Publish(e *Egress)
}

// Config is what a Pipeline is made of. It must not change after New.
type Config struct {
	Source     Source
	Router     Router
	Publishers []Publisher // one a lane, at least one
	Ledger     *Ledger
	Pool       *pool.Pool
	Limits     wire.Limits

	// Normalize says that a message which wire.Scan rejects is read again as the incumbent would
	// read it (wire.Normalize).
	Normalize bool
	// DecodeWorkers is how many goroutines scan side by side. If it is 1, whoever brings a batch
	// always carries it, unless something is ahead of it.
	DecodeWorkers int
	// Depth is how many batches or egresses each channel holds.
	Depth int
	// OnRejected is called for every message that is rejected, OnSkipped for targets that are
	// skipped: once for each message and reason. They borrow the finding until they return, and
	// must not block. May be nil.
	OnRejected, OnSkipped func(*Finding)
}

// A Pipeline is one path of a relay.
type Pipeline struct {
	Config

	// Set by New and Run, then read-only.
	dealer        *dealer
	received      chan *Batch
	spareEgresses sync.Pool // *Egress
	spareSignals  sync.Pool // chan struct{}, for Batch.decoded

	// Read by Idle.
	batchCount atomic.Int64 // received
	underWay   atomic.Int64 // batches and egresses
}

// New returns a pipeline, which does nothing until Run.
func New(c Config) *Pipeline {
	p := &Pipeline{Config: c}
	if p.OnRejected == nil {
		p.OnRejected = func(*Finding) {}
	}
	if p.OnSkipped == nil {
		p.OnSkipped = func(*Finding) {}
	}
	p.spareEgresses.New = func() any { return new(Egress) }
	p.spareSignals.New = func() any { return make(chan struct{}, 1) }
	p.dealer = &dealer{Pipeline: p, egresses: make([]*Egress, len(p.Publishers))}
	for _, publisher := range p.Publishers {
		p.dealer.lanes = append(p.dealer.lanes, p.newLane(publisher))
	}
	return p
}

// Run carries messages until the source or ctx ends. It blocks until the publishers have returned
// from everything received; their copies may still be in doubt then. Call it once.
func (p *Pipeline) Run(ctx context.Context) {
	received := p.receive(ctx)
	decoded := p.decode(received)
	p.fanOut(decoded)
	p.publish()
}

// Idle reports whether nothing is between the source and the publishers, and returns how many
// batches have been received in all. If two calls report true and return the same number, the
// pipeline was idle between them. It does not block.
func (p *Pipeline) Idle() (idle bool, batches int64) {
	batches = p.batchCount.Load()
	return p.underWay.Load() == 0, batches
}
