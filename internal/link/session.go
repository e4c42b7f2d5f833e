package link

import (
	"context"
	"crypto/tls"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// A Session is one connection from its birth to its end. It never reconnects, so a PONG on it
// speaks for every byte written before. All methods may be called from any goroutine.
type Session struct {
	// Set by the Link before Attach, then read-only.

	// Conn is the connection. Its user must not close it: the Link does, after Retire or after an
	// Attach that failed.
	Conn *nats.Conn
	// Epoch is the number of the session, counted by its Link from 1.
	Epoch uint64

	server   server
	settings *settings    // what the connection was made with; nil in some tests
	plane    plane        // set before the login
	wire     *socket.Conn // what nats.go reads and writes; set by the dialer
	since    time.Time    // when the handler got the session
	event    func(string) // counts an event
	denials  denials      // has a lock of its own

	suspected      atomic.Int64 // since when the server is, in Unix nanoseconds; 0: it is not
	suspectChanged atomic.Pointer[func()]

	// Owned by Run of the Link.
	told atomic.Pointer[Login] // what the server said last about the login, or nil

	leaving  bool // lame duck mode was announced
	outdated bool // a session by another Endpoint, or for other settings, is wanted
	stale    bool // a renewal for other settings has failed

	fits   atomic.Pointer[Endpoint] // by which the session was made, or found to be as good as made
	cutOff atomic.Bool              // Link.Cut has ended the connection

	// News for the Link; each channel holds one.
	lameDuck chan struct{}
	renewals chan Renewal
	missing  chan error // why a subscription is missing at the server

	done chan struct{} // closed after nats.go's last callback

	// Guarded by mu.
	mu        lock.Mutex[Session]
	announced error // the latest -ERR that says why the server is about to hang up
	err       error // why the connection ended
	closing   bool  // we close it
}

func newSession(sv server, event func(string)) *Session {
	return &Session{
		server: sv, event: event,
		lameDuck: make(chan struct{}, 1),
		renewals: make(chan Renewal, 1),
		missing:  make(chan error, 1),
		done:     make(chan struct{}),
	}
}

// Unlinked returns a session in the framed plane that belongs to no Link. It is for tests of
// packages that use sessions.
func Unlinked(conn *socket.Framed) *Session {
	s := newSession(server{}, func(string) {})
	s.wire, s.plane = conn.Conn, &framedPlane{session: s, conn: conn}
	return s
}

// Done is closed when the connection is gone and every callback that nats.go owed us has run.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err returns why the connection ended. It is nil before Done is closed, and if the Link closed the
// connection. It does not block.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// URL is the server as it stands in the server list, without user info, for example
// "nats://c1.fed:4222".
func (s *Session) URL() string { return s.server.String() }

// MaxPayload is the size of the largest payload that the server says it accepts, in bytes. It is at
// most 64 MiB, whatever the server says, and may change at any time.
func (s *Session) MaxPayload() int64 { return s.plane.maxPayload() }

// TLS returns the state of the TLS connection, and false on a plain one. Conn.TLSConnectionState
// knows of neither, because the TLS is ours.
func (s *Session) TLS() (tls.ConnectionState, bool) { return s.wire.TLSState() }

// SetLinger sets a function that holds the end of the connection back. It is called once, when
// reading fails or the server sends an error that ends the connection. At that time nats.go has not
// learnt of the end, and has not thrown away its queued messages yet. f runs on nats.go's read loop
// and must return in bounded time. It is not called when we close the connection, nor when nats.go
// closes it because its PINGs go unanswered.
func (s *Session) SetLinger(f func()) { s.wire.SetLinger(f) }

// setCallbacks makes nats.go report to s.
func (s *Session) setCallbacks(o *nats.Options) {
	o.AsyncErrorCB = s.onError
	o.ClosedCB = s.onClosed
	o.LameDuckModeHandler = s.onLameDuck
}

// onError is called on nats.go's callback goroutine, in the order in which the errors happened.
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
		s.announced = err // nats.go will report only an EOF as the reason for the end
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

// cause returns the error that says most about the end: the one of the connection, else the one
// that the server announced, else last, which is that of nats.go. mu is held.
func (s *Session) cause(last error) error {
	if err := s.wire.Cause(); err != nil {
		return err
	}
	if s.announced != nil {
		return s.announced
	}
	if last == nil {
		return errors.New("connection closed")
	}
	return last
}

// Framed returns the connection on which frames are read and written beside nats.go. It is nil in
// the library plane.
func (s *Session) Framed() *socket.Framed { return s.plane.framed() }

// RoundTrip blocks until the server has answered for everything that was written before. It fails
// with ctx's error, or when the connection ends.
func (s *Session) RoundTrip(ctx context.Context) error { return s.plane.roundTrip(ctx) }

// Renew asks the Link for another session to the same server. It does not block. Of several
// requests that the Link has not seen, the one that matters most is kept.
func (s *Session) Renew(why Renewal) {
	for {
		select {
		case s.renewals <- why:
			return
		case other := <-s.renewals:
			why = max(why, other)
		}
	}
}

// ReportMissing tells the Link that a subscription is missing at the server, and why. The Link then
// gives the session up and makes another. It does not block.
func (s *Session) ReportMissing(why error) { offer(s.missing, why) }

// Unsubscribed reports whether ReportMissing was called since the last call of Unsubscribed. It is
// for sessions that are being retired; for the session in use the Link itself takes the report.
func (s *Session) Unsubscribed() bool {
	select {
	case <-s.missing:
		return true
	default:
		return false
	}
}

// Alive reports whether the connection has not ended yet.
func (s *Session) Alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// close ends the connection and blocks until nothing of it is running. Writes under way get two
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

// cut ends the connection at once, because Link.Cut was called.
func (s *Session) cut() {
	s.cutOff.Store(true)
	s.wire.Cut()
}

// offer puts v into a channel that holds one, unless there is one already. It does not block.
func offer[T any](ch chan T, v T) {
	select {
	case ch <- v:
	default:
	}
}
