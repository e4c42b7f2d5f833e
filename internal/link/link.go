package link

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// Handler is what uses the connections of a Link: a source or a publisher. The calls for one
// session come one after the other. Those for a session that has been replaced run beside those for
// its successors; all others come from one goroutine.
type Handler interface {
	// Attach starts using s. ctx ends after 10 seconds. An error (a denied subscription, say)
	// closes s, without Retire or Lost; the Link backs off and tries again with another.
	Attach(ctx context.Context, s *Session) error
	// Retire is a planned end (move, stop): finish what is under way and stop using s. On a move
	// the next session is attached already, and ctx ends at the next move or at the Link's stop; on
	// a stop it has ended. Then Retire has to come back within 10 seconds. An error says that not
	// all was finished. The Link closes s afterwards.
	Retire(ctx context.Context, s *Session) error
	// Lost says that s died. It is called after nats.go's last callback, exactly once for every
	// attached session that was not retired to the end: also after a Retire during which s died. On
	// a move the next session may be attached already.
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
	// Log defaults to discarding.
	Log *slog.Logger
	// Events counts what happens; side is the endpoint's, event one of the Event constants. It is
	// called from several goroutines and must not block. Default: nobody counts.
	Events func(side, event string)
}

// Status is a Link at one moment.
type Status struct {
	// Connected means connected and attached.
	Connected bool
	// Suspected is since when the server has owed an answer for too long, though connected; the
	// zero time while it does not.
	Suspected time.Time
	// URL of the server, without user info; the last one when not connected.
	URL string
	// Since when it is connected, or not.
	Since time.Time
	// LastError is the latest failure to connect or to stay connected, kept after it is overcome.
	LastError   string
	LastErrorAt time.Time
	// Epoch of the latest session; 0 before the first.
	Epoch                         uint64
	ServerID, ServerName, Cluster string
	// Account of the login; empty where the server does not say.
	Account string
	// Peers are the servers of the cluster at the time of connecting, host:port as they call
	// themselves. Empty without one.
	Peers []string
}

// Link keeps one connection to one side, for ever: when it ends, for whatever reason, a new one is
// made from fresh server lists, credentials and certificates.
type Link struct {
	// Set by New, then read-only.
	cfg Config

	// Owned by Run.
	backoff backoff // of rounds over all servers
	rests   rests
	outage  outage
	epoch   uint64
	assumed string             // why the fallback is used, as logged
	sized   time.Time          // when a server was asked again what it takes
	hasten  context.CancelFunc // ends the patience with the session in left; never nil
	leaving sync.WaitGroup     // those in left

	// Guarded by mu.
	mu      sync.Mutex
	current *Session   // attached; nil when there is none
	left    []*Session // that were moved away from and are not closed yet
	status  Status     // what current does not know
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
	return &Link{cfg: cfg, hasten: func() {}, rests: rests{}, status: Status{Since: time.Now()}}
}

// Run keeps the link until ctx ends, then retires and closes what is open; it returns when
// everything is closed. Call it once.
func (l *Link) Run(ctx context.Context) {
	defer l.leaving.Wait()
	for ctx.Err() == nil {
		s := l.establish(ctx)
		if s == nil {
			return
		}
		l.hold(ctx, s)
	}
}

// Cut ends the connection at once, as if the network had, and with it those that were moved away
// from: nothing waits for a server any more, also not a write that it does not take. It may be
// called at any time; Run goes on.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.left {
		s.cut()
	}
	if l.current != nil {
		l.current.cut()
	}
}

// Status may be called at any time. It does not ask nats.go, which can be blocked in a write for as
// long as the server stalls.
func (l *Link) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.status
	if s := l.current; s != nil {
		st.Connected, st.Suspected = s.Alive(), s.Suspected()
		st.Account = socket.Clip(s.plane.account())
	}
	return st
}

// use makes s, attached, the one that Status speaks of.
func (l *Link) use(s *Session) {
	id, name, cluster := s.Conn.ConnectedServerId(), s.Conn.ConnectedServerName(), s.Conn.ConnectedClusterName()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil {
		l.left = append(l.left, l.current)
	}
	l.current = s
	l.status.URL = s.URL()
	l.status.Since = time.Now()
	l.status.Epoch = s.Epoch
	l.status.ServerID = socket.Clip(id)
	l.status.ServerName = socket.Clip(name)
	l.status.Cluster = socket.Clip(cluster)
	l.status.Peers = s.wire.Peers()
}

// unuse says that s is not in use any more.
func (l *Link) unuse(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == s {
		l.current = nil
		l.status.Since = time.Now()
	}
}

// forget is for a session that was moved away from and is closed.
func (l *Link) forget(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = slices.DeleteFunc(l.left, func(other *Session) bool { return other == s })
}

func (l *Link) noteError(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.LastError, l.status.LastErrorAt = text, time.Now()
}

func (l *Link) event(name string) { l.cfg.Events(l.cfg.Endpoint.Side(), name) }
