package relay

import (
	"fmt"
	"log/slog"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/natsio"
)

// A side is the connections to one of the two networks: a link to receive on, and one for each lane
// of the path that publishes there.
type side struct {
	name      string
	endpoint  *link.Endpoint
	source    *natsio.Source
	receive   *link.Link
	publishes *path
	// connect returns another link to this side.
	connect func(role string, h link.Handler, log *slog.Logger) *link.Link
}

// newSide returns the side that one path receives from and the other publishes to, whose lanes get
// their links.
func (r *Relay) newSide(name string, c config.Side, receives, publishes *path) (*side, error) {
	endpoint, err := link.NewEndpoint(name, c)
	if err != nil {
		return nil, err
	}
	endpoint.Portable = r.cfg.Pipeline.Portable
	if r.options.Dial != nil {
		endpoint.Dial = r.options.Dial(name)
	}
	s := &side{name: name, endpoint: endpoint, source: receives.source, publishes: publishes}
	s.connect = func(role string, h link.Handler, log *slog.Logger) *link.Link {
		return link.New(link.Config{
			Endpoint: endpoint,
			Name:     fmt.Sprintf("fedrelay %s %s %s %s", r.cfg.Cluster, r.cfg.Identity, label(name, c.Name), role),
			Handler:  h,
			Log:      log.With("side", name, "role", role),
			Events: func(side, event string) {
				r.events.count(side, event)
				r.oneNetwork.notice(r, event)
			},
		})
	}
	s.receive = s.connect("receive", s.source, r.log)
	for _, l := range publishes.inUse() {
		s.addLink(l, r.log)
	}
	return s, nil
}

// addLink gives a lane its link.
func (s *side) addLink(l *lane, log *slog.Logger) {
	l.link = s.connect(l.role(), l.publisher, slog.New(&chorus{log.Handler(), s.publishes, l}))
}

// label returns the name of a side for the connection lists of its servers.
func label(side, name string) string {
	if name == "" || name == side {
		return side
	}
	return side + "=" + name
}

// events counts the events of the links, by side.
type events struct {
	mu     lock.Mutex[events]
	counts map[[2]string]int64 // by side and event; guarded by mu
}

func (e *events) count(side, event string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.counts == nil {
		e.counts = make(map[[2]string]int64)
	}
	e.counts[[2]string{side, event}]++
}

// of returns the counts of one side.
func (e *events) of(side string) map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	counts := make(map[string]int64)
	for k, n := range e.counts {
		if k[0] == side {
			counts[k[1]] = n
		}
	}
	return counts
}
