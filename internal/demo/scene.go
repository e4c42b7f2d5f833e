package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/logqueue"
)

// replyBytes is the text in each answer: a usual one is about 1.8 kB with all its layers.
const replyBytes = 500

// scene is everything that a demo runs. Built by build, taken down by drain and stop.
type scene struct {
	log        *slog.Logger
	lines      *logqueue.Writer // what log writes to
	sites      []string
	federation *embedded.Server
	servers    []*embedded.Server // of the collectives
	nodes      []*fleet.Nodes
	relays     []*running
	roster     *fleet.Roster
	ledger     *fleet.Ledger
	client     *fleet.Client
}

// build returns what it has also when it fails, for stop to take down.
func build(ctx context.Context, o Options) (*scene, error) {
	s := &scene{sites: sites(o.Collectives)}
	s.log, s.lines = newLog(o.Stderr)
	var names []string
	for i, n := range shares(o.Nodes, o.Collectives) {
		names = append(names, fleet.Names(s.sites[i], n)...)
	}
	var err error
	if s.roster, err = fleet.NewRoster(names); err != nil {
		return s, err
	}
	s.ledger = fleet.NewLedger(s.roster)
	if s.federation, err = embedded.Start(embedded.Options{Name: "federation"}); err != nil {
		return s, err
	}
	from := 0
	for i, n := range shares(o.Nodes, o.Collectives) {
		if err := s.addCollective(o, s.sites[i], from, from+n); err != nil {
			return s, fmt.Errorf("%s: %w", s.sites[i], err)
		}
		from += n
	}
	return s, s.connect(ctx, o)
}

// newLog returns a log that no relay waits for, even if nobody reads stderr. Close lines at the
// end.
func newLog(stderr io.Writer) (log *slog.Logger, lines *logqueue.Writer) {
	format := func(to io.Writer) *slog.Logger {
		return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	lines = logqueue.New(stderr, func(missing int64) []byte {
		var line bytes.Buffer
		format(&line).Warn(logqueue.Missing, "lines", missing)
		return line.Bytes()
	})
	return format(lines), lines
}

// addCollective starts a server, the nodes from up to, not including, to, and a relay.
func (s *scene) addCollective(o Options, site string, from, to int) error {
	server, err := embedded.Start(embedded.Options{Name: site})
	if err != nil {
		return err
	}
	s.servers = append(s.servers, server)
	nodes, err := fleet.StartNodes(fleet.NodesOptions{
		URL: server.ClientURL(), Name: site + " nodes", Roster: s.roster, From: from, To: to,
		ReplyBytes: replyBytes, Ledger: s.ledger,
	})
	if err != nil {
		return err
	}
	s.nodes = append(s.nodes, nodes)
	c := settings(site, s.federation.ClientURL(), server.ClientURL())
	relay, err := startRelay(o.relay, c, s.log)
	if err != nil {
		return err
	}
	s.relays = append(s.relays, relay)
	return nil
}

// connect waits for the relays and connects the client.
func (s *scene) connect(ctx context.Context, o Options) error {
	for _, r := range s.relays {
		if err := r.ready(ctx); err != nil {
			return err
		}
	}
	var err error
	s.client, err = fleet.Dial(fleet.ClientOptions{
		URL: s.federation.ClientURL(), Clusters: s.sites, Roster: s.roster, Ledger: s.ledger,
		Timeout: o.askTimeout,
	})
	return err
}

// drain lets the relays carry what they have, then lets the client count what that was.
func (s *scene) drain() {
	for _, r := range s.relays {
		if err := r.drain(); err != nil {
			s.log.Warn("relay did not drain", "cluster", r.State().Books.Cluster, "error", err)
		}
	}
	if err := s.client.Settle(context.Background()); err != nil {
		s.log.Warn("client did not settle", "error", err)
	}
}

// stop ends everything, from the client to the servers, and waits for it.
func (s *scene) stop() {
	if s.client != nil {
		s.client.Close()
	}
	for _, r := range s.relays {
		_ = r.drain() // drain has logged it
	}
	for _, n := range s.nodes {
		n.Close()
	}
	for _, server := range append(s.servers, s.federation) {
		if server != nil {
			server.Stop()
		}
	}
	s.lines.Close(time.Second)
}

// asking is what the loop of requests took.
type asking struct {
	began, firstReply, ended time.Time
}

// ask asks every node once, and again until total is over. ctx ends it between two requests only: a
// request that was published is waited for, so that nothing counts as lost for want of patience.
func (s *scene) ask(ctx context.Context, total time.Duration) asking {
	everybody := s.roster.Directed(nil)
	a := asking{began: time.Now()}
	for more := true; more && ctx.Err() == nil; more = time.Since(a.began) < total {
		asked := time.Now()
		r, err := s.client.Ask(context.WithoutCancel(ctx), everybody)
		if err != nil {
			s.log.Error("asking failed", "error", err)
			break
		}
		if a.firstReply.IsZero() && r.Replied > 0 {
			a.firstReply = asked.Add(r.First)
		}
	}
	a.ended = time.Now()
	return a
}

// unaccounted is what the relays have lost sight of.
func (s *scene) unaccounted() (n int64) {
	for _, r := range s.relays {
		n += r.State().Books.Unaccounted
	}
	return n
}
