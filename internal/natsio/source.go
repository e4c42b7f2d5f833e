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
	// Weight is how many subscriptions the source has in the queue group: members get shares in
	// this proportion. Default 1.
	Weight int
	// InboxMessages and InboxBytes bound what waits between the NATS library and Run. What comes on
	// top is dropped and counted.
	InboxMessages, InboxBytes int
	// BatchMessages and BatchBytes bound a batch; a message larger than BatchBytes is a batch of
	// its own.
	BatchMessages, BatchBytes int
	// Pool lends the memory of batches. Default: one of its own.
	Pool *pool.Pool
	// MaxBytes bounds what Pool lends: nothing is read while it is reached. Default: no bound.
	MaxBytes int64
	// Ledger of the path, for what is lost before it is received.
	Ledger *pipeline.Ledger
	// Heartbeat knows when the process stood still: what is read after that counts as received
	// before. May be nil.
	Heartbeat *Heartbeat
	// Changed is called after each change of Subscribed and Suspected; it must not block. May be
	// nil.
	Changed func()
	// Denied is told each subject that Send may not publish to; it must not block. May be nil.
	Denied func(subject string)
	// Dropped is told how many messages were lost on the way to the inbox; it must not block. May
	// be nil.
	Dropped func(n int)
}

// A Source receives the messages of one queue group: a pipeline.Source. It is the link.Handler of a
// Link. It subscribes only while it is told to serve. In the framed plane it takes messages from
// the connection, where they lie. In the library plane nats.go hands them over one by one, to wait
// in an inbox.
type Source struct {
	cfg   SourceConfig
	inbox inbox
	gate  gate

	// Guarded by mu.
	mu      lock.Mutex[Source]
	serving bool
	intake  *intake                   // of the session in use, nil without one
	sub     *subscription             // that is in the queue group: of intake, or of the one before
	joining *subscription             // whose answer somebody waits for
	intakes map[*link.Session]*intake // of all sessions not lost or retired yet
	readers []<-chan struct{}         // closed when a connection holds no buffer of ours any more

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
	cfg.Weight = max(cfg.Weight, 1)
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = math.MaxInt64 / 2
	}
	return &Source{
		cfg:     cfg,
		inbox:   newInbox(cfg.InboxMessages, cfg.InboxBytes),
		gate:    gate{opened: make(chan struct{})},
		intakes: make(map[*link.Session]*intake),
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

// next fills b from the inbox. It waits until there is something, or returns false at the end.
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

// deliver hands b to the pipeline, or counts its messages as dropped if that does not run any more,
// or not yet when ctx ends. It takes ownership of b.
func (s *Source) deliver(ctx context.Context, b *pipeline.Batch) {
	s.lastReceived.Store(time.Now().UnixNano())
	if n := len(b.Messages); !s.gate.take(ctx, b) {
		s.drop(n)
	}
}

// Subscribed reports whether the source is in its queue group.
func (s *Source) Subscribed() bool { return s.subscribed.Load() }

// Suspected reports whether there is a connection, but its server has owed an answer for too long.
func (s *Source) Suspected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.intake != nil && !s.intake.session.Suspected().IsZero()
}

// Waiting is how many messages, of how many bytes, wait in the inbox.
func (s *Source) Waiting() (messages, bytes int) { return s.inbox.size() }

// LastReceived is when the latest batch was taken; the zero time before the first.
func (s *Source) LastReceived() time.Time {
	nanoseconds := s.lastReceived.Load()
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}

// Discard counts what waits in the inbox as dropped and forgets it, and waits until no connection
// holds a buffer. Call it when Run has returned and the Link's has, too.
func (s *Source) Discard() {
	s.drop(s.inbox.discard())
	s.mu.Lock()
	readers := s.readers
	s.mu.Unlock()
	for _, freed := range readers {
		<-freed
	}
}

// Send publishes a message of the relay's own on the connection that the source receives on. It
// does not wait for the server and does nothing without a connection.
func (s *Source) Send(subject string, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.intake == nil {
		return nil
	}
	return s.intake.session.Conn.Publish(subject, payload)
}

// Serve joins the queue group, or leaves it so that others serve. Joining blocks for a round trip
// to the server; if it fails it is tried again at the next session. Leaving does not block, and
// what the server has sent until it knows is still received.
func (s *Source) Serve(ctx context.Context, serve bool) error {
	s.mu.Lock()
	s.serving = serve
	if !serve {
		s.leave()
	}
	s.mu.Unlock()
	return s.join(ctx)
}

// Leave leaves the queue group and waits until the server's last message has arrived in the inbox,
// or ctx ends.
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

// Close ends Run once the inbox is empty. Call it once, after Leave.
func (s *Source) Close() { close(s.inbox.closed) }

// drop counts messages that were lost on the way to the inbox.
func (s *Source) drop(n int) {
	if n > 0 {
		s.cfg.Ledger.Drop(n)
		s.cfg.Dropped(n)
	}
}
