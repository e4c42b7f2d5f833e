package relay

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/internal/recent"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// Options are what a relay needs besides its settings.
type Options struct {
	// Log gets the lines that a relay logs. It must not block, because messages would wait for it.
	// If it is nil nothing is logged.
	Log *slog.Logger
	// Version is the version of the program, for the statistics document and the metrics.
	Version string
	// ConfigFile is the path of the configuration file, for the statistics document. It may be
	// empty.
	ConfigFile string
	// Dial returns the function that makes the TCP connections of a side, "federation",
	// "collective" or "line". Tests put faulty networks here. If it is nil, socket.Dial makes them.
	Dial func(side string) func(ctx context.Context, network, address string) (net.Conn, error)
	// Sizing says how the number of lanes follows the number of nodes if pipeline.lanes is auto.
	// Tests hurry it. Fields that are 0 have their defaults.
	Sizing Sizing
}

// A Relay carries requests and replies between two NATS networks, as a relay or as the part of an
// edge that serves one cluster. All methods but Run may be called
// at any time from any goroutine.
type Relay struct {
	// Set by New, then read-only.
	cfg         config.Config // as at the start: for what no reload changes
	options     Options
	log         *slog.Logger
	started     time.Time
	request     *path // federation to collective, or to the line of an edge
	reply       *path // the way back
	sides       [2]*side
	credentials *credentials
	seals       *seals
	recent      *recent.Memory
	prober      *prober
	warners     []func() []string // each returns its warnings, and does not block

	// Written by Process.Reload.
	settings atomic.Pointer[config.Config] // in force; not to be changed
	rules    atomic.Pointer[wire.Rules]    // those of the routers

	// Written by links.
	events     events
	oneNetwork oneNetwork

	heartbeat     natsio.Heartbeat // notices when the process stood still
	lastAccepted  atomic.Int64     // nanoseconds from started to the last accepted request; 0: none
	statsRequests atomic.Int64     // how often the statistics were asked for over HTTP

	// How it ends.
	draining  atomic.Bool
	abort     chan struct{} // closed by Abort
	abortOnce sync.Once
}

// New returns a relay that does nothing until Run. The settings must be valid (Config.Validate).
// Those of an edge must name one of its clusters as Cluster; without it the first one is meant. The
// error is about mistakes that only link.NewEndpoint can find, or about a key file that cannot be
// used.
func New(c config.Config, o Options) (*Relay, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if c.IsEdge() {
		c.Cluster = cmp.Or(c.Cluster, c.Edge.Clusters[0])
		o.Log = o.Log.With("cluster", c.Cluster)
	}
	r := &Relay{cfg: c, options: o, log: o.Log, started: time.Now(), abort: make(chan struct{}), prober: newProber()}
	r.settings.Store(&c)
	var err error
	if r.seals, err = newSeals(c.ReturnAddress, r.log); err != nil {
		return r, err
	}
	r.newPaths()
	if err := r.newSides(); err != nil {
		return r, err
	}
	r.credentials = newCredentials(r)
	r.warners = append(r.warners, r.credentials.warnings, r.seals.warnings, r.outdated)
	r.warners = append(r.warners, r.unequalPayloads, r.unequalClocks)
	if !r.cfg.IsEdge() {
		r.warners = append(r.warners, r.networksInOne)
	}
	return r, nil
}

// newPaths makes both paths, complete with their routers.
func (r *Relay) newPaths() {
	request, reply := directionsOf(r.cfg)
	r.recent = recent.New(int(r.cfg.Recent.Bytes))
	request.asked, request.refused = r.recent.Requests, r.recent.Rejected[0]
	reply.refused = r.recent.Rejected[1]
	r.request, r.reply = r.newPath(request), r.newPath(reply)
	// A request whose replies this relay cannot carry is better left to other relays.
	r.request.needs, r.reply.neededBy = r.reply, r.request
	r.warners = append(r.warners, r.request.doubts, r.reply.doubts)
	if r.cfg.IsEdge() {
		r.reply.answers = newAnswers(r.cfg)
		r.warners = append(r.warners, r.reply.answers.warnings)
	}
	requests, replies := r.newRules(r.cfg)
	r.request.setPipeline(r.cfg, requests)
	r.reply.setPipeline(r.cfg, replies)
}

func directionsOf(c config.Config) (request, reply direction) {
	if c.IsEdge() {
		return edgeDirections(c)
	}
	return relayDirections(c)
}

// relayDirections returns the two paths of a relay: from the federation to the collective, and
// back.
func relayDirections(c config.Config) (request, reply direction) {
	request = direction{
		name: "request", to: link.Collective,
		subject: requestSubject(c), queue: c.Cluster + "_federation",
		rights: requestRights(c),
	}
	reply = direction{
		name: "reply", to: link.Federation,
		subject: "choria.federation." + c.Cluster + ".collective", queue: c.Cluster + "_collective",
		rights: replyRights(c),
	}
	return request, reply
}

// newRules returns what each path decides by, its router above all. The seals are those in use.
func (r *Relay) newRules(c config.Config) (ofRequests, ofReplies pipeline.Rules) {
	rules := &wire.Rules{
		MaxLength: c.Limits.SubjectLength,
		Peer:      c.Compat == config.CompatPeer,
		Allow:     c.Allow.Collectives,
		Deny:      c.Allow.DenyCollectives,
		Replies:   c.Allow.Replies,
	}
	r.rules.Store(rules)
	scope := sealScope(c)
	limits := wire.Limits{
		Depth: c.Limits.Depth, Hops: hopsCarried(c), Targets: c.Limits.Targets, Parts: 256,
	}
	requests := requestRouter{
		rules:       rules,
		fanoutBytes: int64(c.Limits.FanoutBytes),
		answerTo:    r.reply.subject,
		hops:        newHops(c, r.request),
		seals:       r.seals.newSealer(scope),
		duplicates:  duplicates{seed: maphash.MakeSeed()},
		recent:      r.recent.Requests,
		accepted:    func() { r.lastAccepted.Store(max(1, int64(time.Since(r.started)))) },
	}
	replies := replyRouter{
		rules: rules, hops: newHops(c, r.reply), seals: r.seals.newOpener(scope, r.reply.notes),
		recent:       r.recent.Replies,
		replyBundles: replyBundles{maxPayload: r.reply.maxPayload, limits: compactLimits(c)},
	}
	ofRequests = pipeline.Rules{
		Router: &requests, Limits: limits, Normalize: rules.Peer,
		Compact: pipeline.Compact{Kind: compact.KindRequest, Limits: compactLimits(c)},
	}
	ofReplies = pipeline.Rules{Router: &replies, Limits: limits, Normalize: rules.Peer}
	ofReplies.Limits.SkipTargets = true // targets of a reply mean nothing
	if c.IsEdge() {
		ofRequests.Router, ofReplies.Router = r.edgeRouter(c, requests), r.edgeReplyRouter(replies)
		ofReplies.Compact = edgeTakes(c)
	}
	ofRequests.Compact.MaxBytes = int64(c.Pipeline.MaxBytes)
	ofReplies.Compact.MaxBytes = int64(c.Pipeline.MaxBytes)
	return ofRequests, ofReplies
}

func (r *Relay) newSides() error {
	federation, err1 := r.newSide("federation", r.cfg.Federation, r.request, r.reply)
	name, settings := SecondSide(r.cfg)
	second, err2 := r.newSide(name, settings, r.reply, r.request)
	r.sides = [2]*side{federation, second}
	if r.cfg.IsEdge() {
		r.request.forbids = func() string { return r.edgeObstacle(federation) }
		r.reply.forbids = func() string { return r.edgeObstacle(second) }
	}
	return errors.Join(err1, err2)
}

// Run connects to both sides and carries messages until ctx ends; it retries for ever whatever
// fails. Then it drains (see drain), and returns when everything is closed. The error wraps
// ErrCutShort if the drain did not carry everything, otherwise it is nil. Call it once.
func (r *Relay) Run(ctx context.Context) error {
	links, stopLinks := context.WithCancel(context.Background())
	defer stopLinks()
	work, stopWork := context.WithCancel(context.Background())
	defer stopWork()
	var running sync.WaitGroup
	running.Go(func() { r.heartbeat.Run(links) })
	startLane := func(l *lane) { running.Go(func() { l.run(links) }) }
	for _, s := range r.sides {
		running.Go(func() { s.receive.Run(links) })
		for _, l := range s.publishes.inUse() {
			startLane(l)
		}
	}
	stopRequests := r.start(work, r.request, r.newSizer(startLane))
	stopReplies := r.start(work, r.reply, nil)
	running.Go(func() { r.returnMemory(links) })
	running.Go(func() { r.credentials.watch(links) })
	running.Go(func() { r.seals.watch(links) })

	select {
	case <-ctx.Done():
	case <-r.abort:
	}
	r.draining.Store(true)
	err := r.drain(stopRequests, stopReplies)
	if err != nil {
		r.giveUp()
	}
	stopWork()
	<-r.request.done
	<-r.reply.done
	stopLinks()
	running.Wait()
	r.request.source.Discard()
	r.reply.source.Discard()
	return err
}

// start starts a path, its guard and its sizer. stopWatching stops the latter two, and blocks until
// they have ended.
func (r *Relay) start(ctx context.Context, p *path, s *sizer) (stopWatching func()) {
	go p.run(ctx)
	watching, cancel := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	watchers.Go(func() { (&guard{path: p}).watch(watching) })
	watchers.Go(func() { s.watch(watching) })
	return func() {
		cancel()
		watchers.Wait()
	}
}

// Abort makes Run end at once. Copies that are not written yet are abandoned. It does not block,
// and may be called more than once.
func (r *Relay) Abort() { r.abortOnce.Do(func() { close(r.abort) }) }
