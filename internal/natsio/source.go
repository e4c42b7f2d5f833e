package natsio

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/pipeline"
)

// SourceConfig is what NewSource needs.
type SourceConfig struct {
	// Subject and Queue to subscribe to.
	Subject, Queue string
	// InboxMessages and InboxBytes bound what waits between the NATS library and Receive. What comes on top is dropped and
	// counted.
	InboxMessages, InboxBytes int
	// BatchMessages and BatchBytes bound a batch; a message larger than BatchBytes is a batch of its own.
	BatchMessages, BatchBytes int
	// Ledger of the path, for what is lost before it is received.
	Ledger *pipeline.Ledger
	// Changed is called after each change of Subscribed; it must not block. May be nil.
	Changed func()
	// Dropped is told how many messages were lost on the way to the inbox; it must not block. May be nil.
	Dropped func(n int)
}

// A Source receives the messages of one queue group: the portable pipeline.Source, over plain nats.go. It is the Handler
// of a Link. It subscribes only while it is told to serve.
type Source struct {
	cfg   SourceConfig
	inbox inbox

	// Guarded by mu, which is held while subscribing.
	mu      sync.Mutex
	serving bool
	intake  *intake // of the session in use, nil without one
	sub     *subscription
	intakes map[*Session]*intake // of all sessions not lost or retired yet

	subscribed atomic.Bool
}

// A subscription is one stay in the queue group.
type subscription struct {
	*nats.Subscription
	closed chan struct{} // by nats.go, after the last message has been handed over
}

func newSubscription(nsub *nats.Subscription) *subscription {
	s := &subscription{Subscription: nsub, closed: make(chan struct{})}
	end := sync.OnceFunc(func() { close(s.closed) })
	s.SetClosedHandler(func(string) { end() })
	if !s.IsValid() {
		end() // the connection died before nats.go had the handler, which it will not call
	}
	return s
}

// depart sees sub out without waiting: nats.go tells the server, then hands over what had been sent before. Where the
// connection is gone, the subscription is, too, and Drain's error says nothing new.
func (sub *subscription) depart() { _ = sub.Drain() }

// ended tells whether nothing more comes from sub.
func (sub *subscription) ended() bool {
	select {
	case <-sub.closed:
		return true
	default:
		return false
	}
}

// NewSource returns a source that waits for a session and for Serve.
func NewSource(cfg SourceConfig) *Source {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if cfg.Dropped == nil {
		cfg.Dropped = func(int) {}
	}
	return &Source{
		cfg:     cfg,
		inbox:   newInbox(cfg.InboxMessages, cfg.InboxBytes),
		intakes: make(map[*Session]*intake),
	}
}

// Receive implements pipeline.Source.
func (s *Source) Receive(ctx context.Context, b *pipeline.Batch) error {
	for {
		if s.inbox.take(b, s.cfg.BatchMessages, s.cfg.BatchBytes) {
			return nil
		}
		select {
		case <-s.inbox.arrived:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.inbox.closed:
			if s.inbox.take(b, s.cfg.BatchMessages, s.cfg.BatchBytes) {
				return nil
			}
			return io.EOF
		}
	}
}

// Subscribed tells whether the source is in its queue group.
func (s *Source) Subscribed() bool { return s.subscribed.Load() }

// Waiting is how many messages, of how many bytes, wait for Receive.
func (s *Source) Waiting() (messages, bytes int) { return s.inbox.size() }

// LastReceived is when the latest batch was taken; the zero time before the first.
func (s *Source) LastReceived() time.Time {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	return s.inbox.last
}

// Discard counts what waits in the inbox as dropped and forgets it. Call it when nobody will call Receive again.
func (s *Source) Discard() { s.drop(s.inbox.discard()) }

// Send publishes a message of the relay's own on the connection that the source receives on. It does not wait for the
// server and does nothing without a connection.
func (s *Source) Send(subject string, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.intake == nil {
		return nil
	}
	return s.intake.session.Conn.Publish(subject, payload)
}

// Serve joins the queue group, or leaves it so that others serve: what the server has sent until it knows is still
// received, which Serve does not wait for. It blocks for a round trip to the server when it joins. An error to join is
// also cause to try again at the next session.
func (s *Source) Serve(ctx context.Context, serve bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = serve
	if !serve {
		s.leave()
		return nil
	}
	return s.join(ctx)
}

// Leave leaves the queue group and waits until the server's last message has arrived in the inbox, or ctx ends.
func (s *Source) Leave(ctx context.Context) error {
	if err := s.Serve(ctx, false); err != nil {
		return err
	}
	s.mu.Lock()
	var all []*subscription
	for _, in := range s.intakes {
		all = append(all, in.subs...)
	}
	s.mu.Unlock()
	return ended(ctx, all)
}

// ended waits until nothing more comes from any of subs.
func ended(ctx context.Context, subs []*subscription) error {
	for _, sub := range subs {
		select {
		case <-sub.closed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Close ends Receive once the inbox is empty. Call it once, after Leave.
func (s *Source) Close() { close(s.inbox.closed) }

// Attach implements Handler.
func (s *Source) Attach(ctx context.Context, session *Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := &intake{source: s, session: session, origin: session.URL()}
	session.SetLinger(in.linger)
	oldIntake, oldSub := s.intake, s.sub
	s.intake, s.sub = in, nil
	if s.serving {
		if err := s.join(ctx); err != nil {
			s.intake, s.sub = oldIntake, oldSub
			go s.close(session, in) // ends with the session, which the Link closes
			return err
		}
	}
	s.intakes[session] = in
	if oldSub != nil {
		oldSub.depart()
	}
	return nil
}

// Retire implements Handler.
func (s *Source) Retire(ctx context.Context, session *Session) {
	s.mu.Lock()
	in := s.intakes[session]
	if in == nil {
		s.mu.Unlock()
		return
	}
	if s.intake == in {
		s.leave()
		s.intake = nil
	}
	subs := slices.Clone(in.subs)
	s.mu.Unlock()
	if ended(ctx, subs) != nil {
		go s.close(session, in) // ends with the session, which the Link closes
		return
	}
	s.close(session, in)
}

// Lost implements Handler.
func (s *Source) Lost(session *Session, _ error) {
	s.mu.Lock()
	in := s.intakes[session]
	if in != nil && s.intake == in {
		s.intake, s.sub = nil, nil
		s.setSubscribed(false)
	}
	s.mu.Unlock()
	if in != nil {
		s.close(session, in)
	}
}

// close ends the books of a session that has ended or brings nothing more. It waits for callbacks under way.
func (s *Source) close(session *Session, in *intake) {
	s.mu.Lock()
	delete(s.intakes, session)
	subs := slices.Clone(in.subs)
	s.mu.Unlock()
	_ = ended(context.Background(), subs) // cannot fail
	s.drop(int(in.missing()))
}

// drop counts messages that were lost on the way to the inbox.
func (s *Source) drop(n int) {
	if n > 0 {
		s.cfg.Ledger.DropIngest(n)
		s.cfg.Dropped(n)
	}
}

// join subscribes on the current session, if there is one. mu is held.
func (s *Source) join(ctx context.Context) error {
	if s.intake == nil || s.sub != nil {
		return nil
	}
	nsub, err := s.intake.session.Conn.QueueSubscribe(s.cfg.Subject, s.cfg.Queue, s.intake.message)
	if err != nil {
		return fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
	}
	sub := newSubscription(nsub)
	s.intake.subs = append(slices.DeleteFunc(s.intake.subs, (*subscription).ended), sub)
	if err := s.confirm(ctx, sub); err != nil {
		sub.depart()
		return err
	}
	s.sub = sub
	s.setSubscribed(true)
	return nil
}

// confirm waits until the server has taken the subscription, or says that it has not.
func (s *Source) confirm(ctx context.Context, sub *subscription) error {
	// The inbox is bounded and says what it drops; the library must not drop on top of it.
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	if err := s.intake.session.Conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
	}
	if err := s.intake.session.Settle(ctx); err != nil {
		return err
	}
	return s.intake.session.SubscribeDenied(s.cfg.Subject, s.cfg.Queue)
}

const joinTimeout = 5 * time.Second

// leave gives up the current subscription, if there is one. mu is held.
func (s *Source) leave() {
	if s.sub == nil {
		return
	}
	s.sub.depart()
	s.sub = nil
	s.setSubscribed(false)
}

func (s *Source) setSubscribed(on bool) {
	if s.subscribed.Swap(on) != on {
		s.cfg.Changed()
	}
}
