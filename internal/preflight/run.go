package preflight

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// IDs of checks.
const (
	// IDConfig is for what the files alone show.
	IDConfig = "config"

	idConnect   = "connect"
	idSubscribe = "subscribe"
	idPublish   = "publish"
	idOperators = "operators" // rights without which operators cannot ask
	idLogin     = "login"
	idClock     = "clock"
	idEnds      = "login_ends"
	idGroup     = "queue_group"
	idNodes     = "nodes"
	idCluster   = "cluster_name"
	idNetwork   = "network"
	idPayload   = "max_payload"
)

// Options are what Run needs.
type Options struct {
	Config config.Config
	// Where returns the place where a setting was set, or "". May be nil.
	Where func(key string) string

	clockOff time.Duration // of this host, in tests
}

func (o Options) where(key string) string {
	if o.Where == nil {
		return ""
	}
	return o.Where(key)
}

// Run connects to both sides and enters what it finds in r. It blocks for the servers, for some ten
// seconds at most, and until ctx ends.
func Run(ctx context.Context, o Options, r *Report) {
	began := time.Now()
	r.Connected = true
	sides := open(ctx, o)
	for _, s := range sides {
		r.Add(s.checks...)
	}
	if a, b := sides[0], sides[1]; a.session != nil && b.session != nil {
		r.Add(between(ctx, o, a, b)...)
	}
	for _, s := range sides {
		if s.session != nil {
			s.session.Close()
		}
	}
	r.Seconds += time.Since(began).Seconds()
}

// open connects to both sides at the same time and looks at each.
func open(ctx context.Context, o Options) []*side {
	second, settings := relay.SecondSide(o.Config)
	sides := []*side{
		{o: o, name: link.Federation, cfg: o.Config.Federation},
		{o: o, name: second, cfg: settings},
	}
	var looking sync.WaitGroup
	for _, s := range sides {
		looking.Go(func() { s.look(ctx) })
	}
	looking.Wait()
	return sides
}

// A side is one side while it is looked at.
type side struct {
	o    Options
	name string
	cfg  config.Side

	session *link.Session // nil while not connected
	place   link.Place
	login   *link.Login // nil if the server does not tell
	caller  string      // and key: of a Choria token, else empty
	key     string
	open    map[bool]bool // what unlisted has found out, by publish
	checks  []Check
}

func (s *side) add(id string, l Level, format string, args ...any) *Check {
	s.checks = append(s.checks, Check{ID: id, Side: s.name, Level: l, Text: fmt.Sprintf(format, args...)})
	return &s.checks[len(s.checks)-1]
}

// look connects, and enters everything that is about this side alone.
func (s *side) look(ctx context.Context) {
	if !s.connect(ctx) {
		return
	}
	s.rights(ctx)
	if s.name == link.Collective {
		s.clusterName(ctx)
	}
	if s.login == nil && s.isOld() {
		s.add(idClock, Note, "not looked at: the clock and %s, because a server of version %s does not tell; that needs 2.10 or later", s.unseen(), s.place.Version)
		return
	}
	if s.login == nil {
		s.add(idClock, Note, "not looked at: the clock and %s, because the login may not ask (publish $SYS.REQ.USER.INFO, subscribe _INBOX.>)", s.unseen())
		return
	}
	s.clock()
	s.ends()
	s.group(ctx)
	if s.name == link.Collective {
		s.nodes(ctx)
	}
}

// isOld reports whether the server is from before 2.10, when servers began to tell logins about
// themselves. More rights would change nothing there.
func (s *side) isOld() bool {
	var major, minor int
	n, _ := fmt.Sscanf(s.place.Version, "%d.%d", &major, &minor) // n says how far it came
	return n == 2 && (major < 2 || major == 2 && minor < 10)
}

// unseen is what remains unseen without a word of the server.
func (s *side) unseen() string {
	if s.name == link.Collective {
		return "who is in the queue group and among the nodes"
	}
	return "who is in the queue group"
}
