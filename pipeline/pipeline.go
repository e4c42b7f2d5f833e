package pipeline

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A Source brings messages of one side. Receive is called from one goroutine.
type Source interface {
	// Receive waits until a message is there, then fills b with what is there, at most about one buffer, and returns nil.
	// It sets b's Origin and Received and calls b.Add; it borrows b until it returns. It returns io.EOF when the source is
	// closed and empty, and ctx's error as soon as ctx ends.
	Receive(ctx context.Context, b *Batch) error
}

// A Router decides about messages. Route is called from one goroutine.
type Router interface {
	// Route says where the message msg goes. It appends what is sent there to dst, which it returns, and the subjects to
	// subjects, as spans of msg. targets are the spans of the targets that msg names. It borrows everything until it
	// returns. On a Reason other than OK the message goes nowhere.
	Route(r *Route) wire.Reason
}

// A Publisher publishes on one side. Publish is called from the goroutine of one lane.
type Publisher interface {
	// Publish writes every message of e to each of its subjects, in order, and sees to it that every copy meets its fate
	// in the ledger, now or later. It borrows e until it returns and blocks while its side takes no more.
	Publish(e *Egress)
}

// Config is what a Pipeline is made of. All of it is read-only once in use.
type Config struct {
	Source     Source
	Router     Router
	Publishers []Publisher // one a lane, at least one
	Ledger     *Ledger
	Pool       *pool.Pool
	Limits     wire.Limits

	// Normalize has what Scan refuses read again as the incumbent would (wire.Normalize).
	Normalize bool
	// DecodeWorkers scan side by side.
	DecodeWorkers int
	// Depth of each channel, in batches.
	Depth int
	// Refused is told about every message refused whole, Skipped about every copy refused while others of its message are
	// made. They must not block. May be nil.
	Refused, Skipped func(wire.Reason)
}

// A Pipeline is one path of a relay.
type Pipeline struct {
	Config

	batches  sync.Pool // *Batch
	egresses sync.Pool // *Egress

	batchCount atomic.Int64 // received
	active     atomic.Int64 // batches and egresses under way
}

// New returns a pipeline that does nothing until Run.
func New(c Config) *Pipeline {
	p := &Pipeline{Config: c}
	if p.Refused == nil {
		p.Refused = func(wire.Reason) {}
	}
	if p.Skipped == nil {
		p.Skipped = func(wire.Reason) {}
	}
	p.batches.New = func() any { return &Batch{decoded: make(chan struct{}, 1)} }
	p.egresses.New = func() any { return new(Egress) }
	return p
}

// Run carries messages until the source ends or ctx does, and returns when everything received has been handed to the
// publishers. Call it once.
func (p *Pipeline) Run(ctx context.Context) {
	received := p.receive(ctx)
	decoded := p.decode(received)
	routed := p.fanOut(decoded)
	p.publish(routed)
}

// Idle tells whether nothing is between the source and the publishers, and how many batches have been received in all: if
// that number is the same later, the pipeline was idle all the while.
func (p *Pipeline) Idle() (idle bool, batches int64) {
	batches = p.batchCount.Load()
	return p.active.Load() == 0, batches
}
