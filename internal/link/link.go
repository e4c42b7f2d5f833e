package link

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// Handler uses the connections of a Link: it is a source or a publisher. Calls for one session come
// one after the other, from the goroutine of Run. Only a session that has been replaced gets its
// calls from another goroutine, at the same time as its successors get theirs.
type Handler interface {
	// Attach starts using s. It may block until ctx ends, which is after HandlerTimeout. After an
	// error, for example a denied subscription, the Link closes s without a call of Retire or Lost,
	// and tries again later with another session.
	Attach(ctx context.Context, s *Session) error
	// Retire is called at a planned end, for a move or a stop. It finishes what is under way on s
	// and stops using s. The Link closes s afterwards. An error says that not all was finished.
	//
	// On a move the next session is attached already, and ctx ends with the next move or the stop
	// of the Link. On a stop ctx has ended before the call. Once ctx has ended Retire must come
	// back within HandlerTimeout.
	Retire(ctx context.Context, s *Session) error
	// Lost is called when s has ended unplanned, after nats.go's last callback. Every attached
	// session gets exactly one call of Lost, unless it lived until Retire returned. On a move the
	// next session may be attached already.
	Lost(s *Session, err error)
}

// Config is what New needs.
type Config struct {
	// Endpoint is where to connect to. Links may share one.
	Endpoint *Endpoint
	// Name is the NATS connection name, for example "fedrelay london relay1.ldn.example.net
	// federation receive".
	Name    string
	Handler Handler
	// Log gets the lines about connects, moves and ends. If it is nil nothing is logged.
	Log *slog.Logger
	// Events is called for each event, to count it. side is that of the Endpoint, event is one of
	// the Event constants. Calls come from several goroutines, and must not block. May be nil.
	Events func(side, event string)
}

// Events of a connection, as counted by Config.Events.
const (
	EventConnected        = "connected"         // connected and attached
	EventDisconnected     = "disconnected"      // an attached session died
	EventConnectFailed    = "connect_failed"    // all servers failed once, or Attach did
	EventAuthError        = "auth_error"        // a login was rejected, or ended while connected
	EventForgedNonce      = "forged_nonce"      // other bytes than a nonce were to be signed
	EventTLSError         = "tls_error"         // a handshake failed
	EventClosedByServer   = "closed_by_server"  // an -ERR ended the connection
	EventStale            = "stale"             // PINGs were not answered
	EventLameDuck         = "lame_duck"         // the server asked us to leave
	EventMoved            = "moved"             // a planned change: the next server is in use
	EventLeftEarly        = "left_early"        // a planned end before all was done
	EventResolveFailed    = "resolve_failed"    // no server list could be had
	EventPermissionDenied = "permission_denied" // a publish or a subscription was denied
	EventSlowConsumer     = "slow_consumer"     // nats.go dropped messages that waited too long
)

// Status is a Link at one moment.
type Status struct {
	// Connected says whether there is an attached session whose connection lives.
	Connected bool
	// Suspected is since when the server has owed an answer for too long, though the connection
	// lives. It is the zero time while the server is not suspected.
	Suspected time.Time
	// URL is the URL of the server, without user info. While not connected it is that of the last
	// server.
	URL string
	// Since is when the link has connected, or has lost its connection.
	Since time.Time
	// LastError is the latest failure to connect or to stay connected. It is kept after the link
	// has connected again.
	LastError   string
	LastErrorAt time.Time
	// Epoch is the epoch of the latest session, 0 before the first.
	Epoch uint64
	// Outdated says that the session was made by an Endpoint that has been replaced, and that
	// connecting by its successor has failed or is still to come.
	Outdated bool
	// Login is what the server has said about the login of the session in use, nil if it was not
	// asked or has not told.
	Login *Login
	// Place is where the latest session was made to.
	Place
}

// Link keeps one connection to one side, for ever. When the connection ends, for whatever reason,
// the Link makes a new one from fresh server lists, credentials and certificates.
type Link struct {
	// Set by New or Single, then read-only.
	cfg    Config
	single bool   // its session is for a program that uses nats.go (Single)
	near   string // URL of the server to try first; empty: none

	// Owned by Run.
	backoff     backoff // between rounds over all servers
	rests       rests
	outage      outage
	epoch       uint64             // of the latest session
	assumed     string             // why the fallback server is used, as logged; empty if it is not
	sizeAsked   time.Time          // when a server was last asked again for its max_payload
	retires     sync.WaitGroup     // of Retire beside Run
	endPatience context.CancelFunc // ends the ctx of the last such Retire; never nil

	// Guarded by mu.
	mu       lock.Mutex[Link]
	current  *Session   // attached; nil when there is none
	retiring []*Session // replaced by another, and not closed yet
	status   Status     // what current does not know
}

// New returns a Link that does nothing until Run.
func New(cfg Config) *Link {
	if cfg.Endpoint == nil || cfg.Handler == nil {
		panic("link: BUG: a link without an endpoint or a handler")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Events == nil {
		cfg.Events = func(string, string) {}
	}
	return &Link{cfg: cfg, endPatience: func() {}, rests: rests{}, status: Status{Since: time.Now()}}
}

// Run keeps the link until ctx ends, then retires and closes all sessions. It blocks until they are
// closed. Call it once.
func (l *Link) Run(ctx context.Context) {
	defer l.retires.Wait()
	for ctx.Err() == nil {
		for s := l.establish(ctx); s != nil; {
			s = l.hold(ctx, s)
		}
	}
}

// Cut ends all connections at once, as a broken network would, even those that are still being
// retired. Afterwards nothing waits for a server, not even a write that the server does not take.
// It may be called at any time, from any goroutine, and does not block. Run goes on and connects
// again.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.retiring {
		s.cut()
	}
	if l.current != nil {
		l.current.cut()
	}
}

// Status returns the status of the link now. It may be called at any time, from any goroutine, and
// does not block. So it asks nothing of nats.go, which holds its lock during a write for as long as
// the server stalls.
func (l *Link) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.status
	if s := l.current; s != nil {
		st.Connected, st.Suspected = s.Alive(), s.Suspected()
		st.Account, st.Login = socket.Clip(s.plane.account()), s.told.Load()
	}
	return st
}

// use makes s, which is attached, the current session.
func (l *Link) use(s *Session) {
	place := s.Place()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil {
		l.retiring = append(l.retiring, l.current)
	}
	l.current = s
	l.status.URL = s.URL()
	l.status.Since = time.Now()
	l.status.Epoch = s.Epoch
	l.status.Place = place
	l.status.Outdated = false
}

// stopUsing ends the use of s, if s is the current session. Then there is none.
func (l *Link) stopUsing(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == s {
		l.current = nil
		l.status.Since = time.Now()
		l.status.Outdated = false
	}
}

// forget removes s, which was replaced and is closed now, from retiring.
func (l *Link) forget(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retiring = slices.DeleteFunc(l.retiring, func(other *Session) bool { return other == s })
}

// noteOutdated enters whether the session in use should make room for one by a new Endpoint.
func (l *Link) noteOutdated(outdated bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Outdated = outdated
}

// noteError sets the latest error that Status shows.
func (l *Link) noteError(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.LastError, l.status.LastErrorAt = text, time.Now()
}

func (l *Link) event(name string) { l.cfg.Events(l.cfg.Endpoint.Side(), name) }

// info logs a line about the side. args are those of slog.
func (l *Link) info(text string, args ...any) {
	l.cfg.Log.With("link", l.cfg.Name).Info(l.cfg.Endpoint.Label()+": "+text, args...)
}

// warn logs a warning about the side. args are those of slog.
func (l *Link) warn(text string, args ...any) {
	l.cfg.Log.With("link", l.cfg.Name).Warn(l.cfg.Endpoint.Label()+": "+text, args...)
}

// Grace returns a context that ends HandlerTimeout after ctx. A Handler in Retire waits no longer
// than that. The caller must call the function.
func Grace(ctx context.Context) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(HandlerTimeout, cancel) })
	return late, func() { stop(); cancel() }
}
