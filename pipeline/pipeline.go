package pipeline

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
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
	// after Route has returned OK and has appended a subject. It may leave out a part of the
	// message (LeaveOut). With a Reason other than OK the message is rejected after all. It borrows
	// r until it returns, and must not block.
	Append(dst []byte, r *Route) ([]byte, wire.Reason)
}

// A Concluder is a Router that is told when it has been asked about all messages of a batch.
type Concluder interface {
	Router
	Conclude()
}

// A Publisher publishes on one side, for one lane. Calls come one after the other, each from any
// goroutine.
type Publisher interface {
	// Publish writes every message of e to each of its subjects, in order. It must settle every
	// copy in the ledger, before it returns or later. It borrows e until it returns, and blocks
	// while its side takes no more.
	Publish(e *Egress)
	// Prompt reports whether Publish of so many bytes need not wait for anybody now. It does not
	// block. Nobody asks a publisher that is the only one.
	Prompt(bytes int) bool
}

// Config is what a Pipeline is made of. It must not change after New.
type Config struct {
	Source     Source
	Rules      Rules       // SetRules may replace them
	Publishers []Publisher // one a lane, at least one; SetLanes may replace them
	Ledger     *Ledger
	Pool       *pool.Pool

	// DecodeWorkers is how many goroutines scan side by side. If it is 1, whoever brings a batch
	// always carries it, unless something is ahead of it.
	DecodeWorkers int
	// Depth is how many batches each channel holds. It is also how many egresses wait for each lane
	// before the source has to wait. More wait for a lane only while another lane has fewer.
	Depth int
	// CountSubjects says that Subjects is wanted. It costs a few nanoseconds a copy.
	CountSubjects bool
	// OnRejected is called for every message that is rejected, OnSkipped for targets that are
	// skipped: once for each message and reason. They borrow the finding until they return, and
	// must not block. May be nil.
	OnRejected, OnSkipped func(*Finding)
}

// A Pipeline is one path of a relay.
type Pipeline struct {
	Config

	// Owned by Take.
	decoder  compact.Decoder
	expanded []wire.Span // what decoder has appended

	rules atomic.Pointer[Rules] // those for the next batch

	// Set by New and Run, then read-only.
	dealer        *dealer
	received      chan *Batch
	room          chan struct{}  // holds a signal when a lane has got room
	publishing    sync.WaitGroup // the goroutines of lanes
	spareCargos   sync.Pool      // *cargo
	spareEgresses sync.Pool      // *Egress
	spareSignals  sync.Pool      // chan struct{}, for Batch.decoded

	// Read by Idle.
	batchCount atomic.Int64 // received
	underWay   atomic.Int64 // batches and cargos
}

// New returns a pipeline, which does nothing until Run.
func New(c Config) *Pipeline {
	p := &Pipeline{Config: c, room: make(chan struct{}, 1)}
	if p.OnRejected == nil {
		p.OnRejected = func(*Finding) {}
	}
	if p.OnSkipped == nil {
		p.OnSkipped = func(*Finding) {}
	}
	p.spareCargos.New = func() any { return new(cargo) }
	p.spareEgresses.New = func() any { return new(Egress) }
	p.spareSignals.New = func() any { return make(chan struct{}, 1) }
	p.dealer = &dealer{Pipeline: p}
	p.SetRules(p.Rules)
	var lanes []*lane
	for _, publisher := range p.Publishers {
		lanes = append(lanes, p.newLane(publisher))
	}
	p.dealer.setLanes(lanes)
	return p
}

// Run carries messages until the source or ctx ends. It blocks until the publishers have returned
// from everything received; their copies may still be in doubt then. Call it once.
func (p *Pipeline) Run(ctx context.Context) {
	p.publish()
	received := p.receive(ctx)
	decoded := p.decode(received)
	p.fanOut(decoded)
	p.publishing.Wait()
}

// SetLanes replaces the lanes by one for each publisher, at least one. A lane whose publisher is
// among them stays as it is; the goroutines of the others end. Run must be under way, the pipeline
// idle, and no Take may be under way or begin before SetLanes returns. Later copies to a subject
// may take another lane than earlier ones, so the earlier ones should be settled. It does not
// block.
func (p *Pipeline) SetLanes(publishers []Publisher) {
	old := p.dealer.lanes
	var lanes []*lane
	for _, publisher := range publishers {
		i := slices.IndexFunc(old, func(l *lane) bool { return l.publisher == publisher })
		if i < 0 {
			l := p.newLane(publisher)
			p.publishing.Go(l.run)
			lanes = append(lanes, l)
		} else {
			lanes = append(lanes, old[i])
		}
	}
	for _, l := range old {
		if !slices.Contains(lanes, l) {
			l.arriving.close()
		}
	}
	p.dealer.setLanes(lanes)
}

// Idle reports whether nothing is between the source and the publishers, and returns how many
// batches have been received in all. If two calls report true and return the same number, the
// pipeline was idle between them. It does not block.
func (p *Pipeline) Idle() (idle bool, batches int64) {
	batches = p.batchCount.Load()
	return p.underWay.Load() == 0, batches
}
