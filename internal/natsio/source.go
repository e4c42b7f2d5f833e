package natsio

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// SourceConfig is what NewSource needs.
type SourceConfig struct {
	// Subject and Queue to subscribe to.
	Subject, Queue string
	// Weight is how many subscriptions the source has in the queue group. The server deals messages
	// to members in proportion to that. Default 1. SetWeight changes it.
	Weight int
	// Gathers says that messages which one read brings leave together, so that reads should bring
	// much.
	Gathers bool
	// InboxMessages and InboxBytes bound how many messages, of how many bytes, wait between the
	// NATS library and Run. Further messages are dropped and counted.
	InboxMessages, InboxBytes int
	// BatchMessages and BatchBytes bound a batch; a message larger than BatchBytes is a batch of
	// its own.
	BatchMessages, BatchBytes int
	// Pool lends the memory of batches. Default: one of its own.
	Pool *pool.Pool
	// MaxBytes is how many bytes Pool may lend. At the bound nothing is read. Default: no bound.
	MaxBytes int64
	// Ledger of the path, which counts messages dropped before they are received.
	Ledger *pipeline.Ledger
	// Heartbeat notices when the process stands still. Messages read after a standstill count as
	// received when it began. May be nil.
	Heartbeat *Heartbeat
	// Changed is called after each change of Subscribed and Suspected; it must not block. May be
	// nil.
	Changed func()
	// Dropped is called with how many messages were dropped before they were received; it must not
	// block. May be nil.
	Dropped func(n int)
}

// A Source receives the messages of one queue group. It is a pipeline.Source, and the link.Handler
// of a Link. It subscribes only while it is told to serve. In the framed plane it takes messages
// from the read buffer of the connection, without copying them. In the library plane nats.go hands
// them over one by one, and they wait in an inbox. All methods but Run, Close and Discard may be
// called at any time, from any goroutine.
type Source struct {
	cfg   SourceConfig
	inbox inbox
	gate  gate

	// Guarded by mu.
	mu      lock.Mutex[Source]
	serving bool
	intake  *intake                   // of the session in use, nil without one
	sub     *subscription             // in the queue group: of intake, or of the session before it
	joining *subscription             // sent, but not answered yet; nil without one
	intakes map[*link.Session]*intake // of all sessions that are not finished
	readers []<-chan struct{}         // each is closed when its connection holds no buffer of ours

	weight       atomic.Int64 // subscriptions of the next stay in the queue group
	subscribed   atomic.Bool
	lastReceived atomic.Int64 // Unix nanoseconds; 0 before the first
}

// NewSource returns a source that waits for a session and for Serve.
func NewSource(cfg SourceConfig) *Source {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if cfg.Dropped == nil {
		cfg.Dropped = func(int) {}
	}
	if cfg.Pool == nil {
		cfg.Pool = new(pool.Pool)
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = math.MaxInt64 / 2
	}
	s := &Source{
		cfg:     cfg,
		inbox:   newInbox(cfg.InboxMessages, cfg.InboxBytes),
		gate:    gate{opened: make(chan struct{})},
		intakes: make(map[*link.Session]*intake),
	}
	s.SetWeight(cfg.Weight)
	return s
}

// SetWeight changes how many subscriptions the source has in the queue group. If it has a session,
// the Link makes another one, over which the source joins again, and then leaves over the old one:
// a queue group is never left before it is joined. It does not block.
func (s *Source) SetWeight(n int) {
	n = max(n, 1)
	if s.weight.Swap(int64(n)) == int64(n) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for session := range s.intakes { // if an Attach under way fails, another one stays in use
		session.Renew(link.ForSettings)
	}
}

// Run implements pipeline.Source.
func (s *Source) Run(ctx context.Context, line pipeline.Line) {
	s.gate.open(line)
	defer s.gate.shut()
	for {
		b := pipeline.NewBatch()
		if !s.next(ctx, b) {
			b.Free()
			return
		}
		s.deliver(ctx, b)
	}
}

// next fills b from the inbox. It blocks until there are messages. It returns false at the end.
func (s *Source) next(ctx context.Context, b *pipeline.Batch) bool {
	for {
		if s.cfg.Pool.WaitForRoom(ctx, int64(s.cfg.BatchBytes), s.cfg.MaxBytes) != nil {
			return false
		}
		if s.inbox.take(b, s.cfg.Pool, s.cfg.BatchMessages, s.cfg.BatchBytes) {
			return true
		}
		select {
		case <-s.inbox.arrived:
		case <-ctx.Done():
			return false
		case <-s.inbox.closed:
			return s.inbox.take(b, s.cfg.Pool, s.cfg.BatchMessages, s.cfg.BatchBytes)
		}
	}
}

// deliver takes ownership of b and hands it to the pipeline. It counts the messages as dropped if
// the pipeline has ended, or if ctx ends before the pipeline has started. It blocks while the
// pipeline has no room.
func (s *Source) deliver(ctx context.Context, b *pipeline.Batch) {
	s.lastReceived.Store(time.Now().UnixNano())
	if n := len(b.Messages); !s.gate.take(ctx, b) {
		s.drop(n)
	}
}

// Hold runs f while nothing is delivered to the pipeline, and returns true. Messages that come
// meanwhile wait. It returns false at once, without calling f, if a batch is being delivered, or if
// the pipeline does not run. f must not call the Source.
func (s *Source) Hold(f func()) bool { return s.gate.hold(f) }

// Subscribed reports whether the source is in its queue group.
func (s *Source) Subscribed() bool { return s.subscribed.Load() }

// Suspected reports whether there is a connection, but its server has owed an answer for too long.
func (s *Source) Suspected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.intake != nil && !s.intake.session.Suspected().IsZero()
}

// Waiting returns how many messages, of how many bytes, wait in the inbox.
func (s *Source) Waiting() (messages, bytes int) { return s.inbox.size() }

// LastReceived returns when the latest batch was delivered. It is the zero time before the first.
func (s *Source) LastReceived() time.Time {
	nanoseconds := s.lastReceived.Load()
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}

// Discard counts the messages in the inbox as dropped, and forgets them. Then it blocks until no
// connection holds a buffer. Call it after Run and the Run of the Link have returned.
func (s *Source) Discard() {
	s.drop(s.inbox.discard())
	s.mu.Lock()
	readers := s.readers
	s.mu.Unlock()
	for _, freed := range readers {
		<-freed
	}
}

// Serve joins the queue group, or leaves it so that others serve. Joining blocks for a round trip
// to the server, for joinTimeout at most. If it fails, the next session tries again, and so does
// the next call. Leaving does not wait for the server. Messages that the server sends until it
// knows are still received.
func (s *Source) Serve(ctx context.Context, serve bool) error {
	s.mu.Lock()
	s.serving = serve
	if !serve {
		s.leave()
	}
	s.mu.Unlock()
	return s.join(ctx)
}

// Leave leaves the queue group, and blocks until the server's last message has been handed over, or
// ctx ends.
func (s *Source) Leave(ctx context.Context) error {
	if err := s.Serve(ctx, false); err != nil {
		return err
	}
	s.mu.Lock()
	var all []*subscription
	for _, i := range s.intakes {
		all = append(all, i.subs...)
	}
	s.mu.Unlock()
	return ended(ctx, all)
}

// Close makes Run end when the inbox is empty. It does not block. Call it once, after Leave.
func (s *Source) Close() { close(s.inbox.closed) }

// drop counts messages that were dropped before they were received.
func (s *Source) drop(n int) {
	if n > 0 {
		s.cfg.Ledger.Drop(n)
		s.cfg.Dropped(n)
	}
}
