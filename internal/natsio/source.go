package natsio

import (
	"context"
	"fmt"
	"io"
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
}

// A Source receives the messages of one queue group: the portable pipeline.Source, over plain nats.go. It is the Handler
// of a Link. It subscribes only while it is told to serve.
type Source struct {
	cfg   SourceConfig
	inbox inbox

	leaving sync.WaitGroup // subscriptions on their way out

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

// NewSource returns a source that waits for a session and for Serve.
func NewSource(cfg SourceConfig) *Source {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
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
func (s *Source) Discard() { s.cfg.Ledger.DropIngest(s.inbox.discard()) }

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
	return s.left(ctx)
}

// left waits until all subscriptions on their way out have ended.
func (s *Source) left(ctx context.Context) error {
	left := make(chan struct{})
	go func() {
		s.leaving.Wait()
		close(left)
	}()
	select {
	case <-left:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
			return err
		}
	}
	s.intakes[session] = in
	if oldSub != nil {
		s.depart(oldSub)
	}
	return nil
}

// Retire implements Handler.
func (s *Source) Retire(ctx context.Context, session *Session) {
	s.mu.Lock()
	in := s.intakes[session]
	if s.intake == in {
		s.leave()
		s.intake = nil
	}
	s.mu.Unlock()
	if s.left(ctx) == nil {
		s.close(session, in)
	}
}

// Lost implements Handler.
func (s *Source) Lost(session *Session, _ error) {
	s.mu.Lock()
	in := s.intakes[session]
	if s.intake == in {
		if s.sub != nil {
			s.depart(s.sub)
		}
		s.intake, s.sub = nil, nil
		s.setSubscribed(false)
	}
	s.mu.Unlock()
	s.leaving.Wait() // for callbacks under way; they do not block
	s.close(session, in)
}

// close ends the books of a session that brings no more messages.
func (s *Source) close(session *Session, in *intake) {
	if in == nil {
		return
	}
	s.mu.Lock()
	delete(s.intakes, session)
	s.mu.Unlock()
	if n := in.missing(); n > 0 {
		s.cfg.Ledger.DropIngest(int(n))
	}
}

// join subscribes on the current session, if there is one. mu is held.
func (s *Source) join(ctx context.Context) error {
	if s.intake == nil || s.sub != nil {
		return nil
	}
	conn := s.intake.session.Conn
	nsub, err := conn.QueueSubscribe(s.cfg.Subject, s.cfg.Queue, s.intake.message)
	if err != nil {
		return fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
	}
	sub := newSubscription(nsub)
	if err := s.confirm(ctx, sub); err != nil {
		s.depart(sub)
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
	if err := s.intake.session.Conn.FlushTimeout(joinTimeout); err != nil {
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
	s.depart(s.sub)
	s.sub = nil
	s.setSubscribed(false)
}

// depart sees sub out without waiting: nats.go tells the server, then hands over what had been sent before. Where the
// connection is gone, the subscription is, too, and Drain's error says nothing new.
func (s *Source) depart(sub *subscription) {
	_ = sub.Drain()
	s.leaving.Go(func() { <-sub.closed })
}

func (s *Source) setSubscribed(on bool) {
	if s.subscribed.Swap(on) != on {
		s.cfg.Changed()
	}
}

// An intake moves the messages of one session into the inbox.
type intake struct {
	source  *Source
	session *Session
	origin  string
	handled atomic.Uint64
}

// message runs on nats.go's goroutine for the subscription and never blocks: the queue behind it would grow unseen.
func (in *intake) message(m *nats.Msg) {
	if len(m.Header) > 0 {
		in.source.cfg.Ledger.StripHeaders()
	}
	if !in.source.inbox.put(m.Data, in.origin) {
		in.source.cfg.Ledger.DropIngest(1)
	}
	in.handled.Add(1)
}

// lingerTimeout is how long the end of a connection may be held back.
const lingerTimeout = 2 * time.Second

// linger holds the end of the connection back until all messages that came on it are in the inbox: with its end nats.go
// throws away what it still holds. It runs on the goroutine that reads the connection.
func (in *intake) linger() {
	deadline := time.Now().Add(lingerTimeout)
	for in.missing() > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Microsecond)
	}
}

// missing is how many messages nats.go has read and not handed over.
func (in *intake) missing() uint64 { return in.session.Conn.Stats().InMsgs - in.handled.Load() }
