package link

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A Session is one connection from its birth to its end. It never reconnects, so a PONG on
// it speaks for every byte written to it. All methods may be called from any goroutine.
type Session struct {
	// Set by the Link before Attach, then read-only.

	// Conn is the connection. Never close it: return from Retire, or fail Attach, and the Link
	// does.
	Conn *nats.Conn
	// Epoch counts the connections of a Link from 1.
	Epoch uint64

	server  server
	set     *settings    // it was made with; nil in some tests
	plane   plane        // set before the login
	wire    *socket.Conn // set by the dialer; what nats.go reads and writes
	since   time.Time
	event   func(string)
	denials denials

	suspected      atomic.Int64 // since when, in Unix nanoseconds; 0: not
	suspectChanged atomic.Pointer[func()]

	leaving bool        // lame duck mode was announced; owned by the Link
	cutOff  atomic.Bool // by Link.Cut

	lameDuck chan struct{} // holds one
	renewals chan Renewal  // holds one
	unsubbed chan error    // holds one: a subscription is missing
	done     chan struct{} // closed after nats.go's last callback

	// Guarded by mu.
	mu      sync.Mutex
	async   error // the latest -ERR that says why the server is about to hang up
	err     error // why it ended
	closing bool  // by us
}

func newSession(sv server, event func(string)) *Session {
	return &Session{
		server: sv, event: event,
		lameDuck: make(chan struct{}, 1),
		renewals: make(chan Renewal, 1),
		unsubbed: make(chan error, 1),
		done:     make(chan struct{}),
	}
}

// Unlinked returns a session of nobody's, in the framed plane, for tests of those who use sessions.
// A Link makes its own.
func Unlinked(conn *socket.Framed) *Session {
	s := newSession(server{}, func(string) {})
	s.wire, s.plane = conn.Conn, &framedPlane{session: s, conn: conn}
	return s
}

// Done is closed when the connection is gone, after every callback that nats.go owed us has run.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err says why the connection ended; nil before Done is closed and after a close of our own.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// URL is the server as it stands in the server list, without user info, for example
// "nats://c1.fed:4222".
func (s *Session) URL() string { return s.server.String() }

// MaxPayload is what the server says it accepts, in bytes, at most 64 MiB whatever it says. It may
// change at any time.
func (s *Session) MaxPayload() int64 { return s.plane.maxPayload() }

// TLS returns the state of the TLS connection; false on a plain one. (Conn.TLSConnectionState does
// not know.)
func (s *Session) TLS() (tls.ConnectionState, bool) { return s.wire.TLSState() }

// SetLinger sets what is called, once, when reading fails or the server says an error that ends the
// connection, before nats.go learns of it and throws its queued messages away. f runs on nats.go's
// read loop and must come back in bounded time. It is not called when we close the connection
// ourselves, nor when pings go unanswered.
func (s *Session) SetLinger(f func()) { s.wire.SetLinger(f) }

// wireInto makes o report to s.
func (s *Session) wireInto(o *nats.Options) {
	o.AsyncErrorCB = s.onError
	o.ClosedCB = s.onClosed
	o.LameDuckModeHandler = s.onLameDuck
}

// onError runs on nats.go's callback goroutine, in the order in which the errors happened.
func (s *Session) onError(_ *nats.Conn, _ *nats.Subscription, err error) {
	switch {
	case errors.Is(err, nats.ErrPermissionViolation) && s.denials.expected(err):
	case errors.Is(err, nats.ErrPermissionViolation):
		s.event(EventPermissionDenied)
		if taken := s.denials.add(err); taken != nil {
			s.ReportMissing(taken)
		}
	case errors.Is(err, nats.ErrMaxSubscriptionsExceeded):
		s.ReportMissing(err) // it does not say which one is missing
	case errors.Is(err, nats.ErrSlowConsumer):
		s.event(EventSlowConsumer)
	case isAuthError(err):
		s.mu.Lock()
		s.async = err // nats.go will call the end that follows an EOF
		s.mu.Unlock()
	}
}

func (s *Session) onLameDuck(*nats.Conn) { offer(s.lameDuck, struct{}{}) }

// onClosed is nats.go's last callback for the connection.
func (s *Session) onClosed(nc *nats.Conn) {
	s.mu.Lock()
	if !s.closing {
		s.err = s.cause(nc.LastError())
	}
	s.mu.Unlock()
	close(s.done)
	go s.wire.Release()
}

// cause picks the most telling of several errors about one end. Guarded by mu.
func (s *Session) cause(last error) error {
	if err := s.wire.Cause(); err != nil {
		return err
	}
	if s.async != nil {
		return s.async
	}
	if last == nil {
		return errors.New("connection closed")
	}
	return last
}

// Frames is where frames are read and written beside nats.go; nil in the library plane.
func (s *Session) Frames() *socket.Framed { return s.plane.frames() }

// RoundTrip blocks until the server has answered for everything written before. Its errors are
// ctx's and the end of the connection.
func (s *Session) RoundTrip(ctx context.Context) error { return s.plane.roundTrip(ctx) }

// Renew asks the Link for another session to the same server. It does not block.
func (s *Session) Renew(why Renewal) { offer(s.renewals, why) }

// ReportMissing tells the Link that the server has not got a subscription that it ought to have.
// The Link then makes another connection.
func (s *Session) ReportMissing(why error) { offer(s.unsubbed, why) }

// Unsubscribed reports, once, whether the server has dropped a subscription. On the session in use
// its Link asks.
func (s *Session) Unsubscribed() bool {
	select {
	case <-s.unsubbed:
		return true
	default:
		return false
	}
}

// Alive is false once the connection has ended.
func (s *Session) Alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// close ends the connection and waits until nothing of it is running. Writes under way get two
// seconds.
func (s *Session) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	cut := time.AfterFunc(2*time.Second, s.wire.Cut)
	defer cut.Stop()
	s.Conn.Close()
	<-s.done
	s.wire.WaitLinger()
}

// cut ends the connection at once, on purpose.
func (s *Session) cut() {
	s.cutOff.Store(true)
	s.wire.Cut()
}

// offer puts v into a channel that holds one, unless one is there.
func offer[T any](ch chan T, v T) {
	select {
	case ch <- v:
	default:
	}
}
