package relay

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/internal/recent"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// A path is the way of requests or of replies: a source on one side, a pipeline, and publishers on
// the other side.
type path struct {
	// Set while the relay is built, then read-only.
	direction
	log        *slog.Logger
	notes      *notes
	source     *natsio.Source
	publishing natsio.PublisherConfig // of each lane
	pipeline   *pipeline.Pipeline
	needs      *path         // must be able to serve for this path to serve; may be nil
	neededBy   *path         // the path whose needs is this one; may be nil
	answers    *answers      // of the reply path of an edge, else nil
	forbids    func() string // why nothing may be taken although it could be published; may be nil

	// Written by the sizer, read by everybody. Nobody changes what they point to.
	lanes  atomic.Pointer[[]*lane] // see inUse
	beside atomic.Pointer[[]*lane] // see idlers
	said   said                    // what the links of the lanes have logged

	// Written by a reload, read at each connect.
	rightsNow atomic.Pointer[link.Rights]

	// Used by source, stages and publishers.
	ledger  pipeline.Ledger
	pool    pool.Pool
	latency *telemetry.Histogram // of copies, until they are written

	// Written by publishers, read by the guard and telemetry.
	failures   failures
	lastDenied atomic.Pointer[denial] // nil before the first denial

	// Written by the guard, read by Ready.
	trouble atomic.Pointer[string] // why nothing gets through although connected, or nil
	denial  atomic.Pointer[string] // why the server denies the queue group, or nil

	changed chan struct{} // wakes the guard; one token stands for any number of changes
	done    chan struct{} // closed when the pipeline has ended
}

// A direction is what makes a path the request path or the reply path.
type direction struct {
	name           string      // "request" or "reply"
	to             string      // the side that it publishes to
	subject, queue string      // what it subscribes to on the other side
	rights         link.Rights // what it must be allowed to publish to, at first
	gathers        bool        // messages of one read leave together

	asked   *recent.Requests   // of the request path; nil: nothing is remembered
	refused *recent.Rejections // nil: nothing is remembered
}

// newPath returns a path that is complete except for setPipeline.
func (r *Relay) newPath(d direction) *path {
	c := r.cfg
	p := &path{
		direction: d,
		log:       r.log.With("path", d.name),
		changed:   make(chan struct{}, 1),
		done:      make(chan struct{}),
		latency:   telemetry.NewHistogram(telemetry.LatencyBounds),
	}
	p.notes = &notes{log: p.log, interval: c.Log.DropInterval, to: d.to}
	p.source = natsio.NewSource(natsio.SourceConfig{
		Subject:       d.subject,
		Queue:         d.queue,
		Weight:        c.Weight,
		Gathers:       d.gathers,
		InboxMessages: c.Pipeline.InboxMessages,
		InboxBytes:    int(c.Pipeline.InboxBytes),
		BatchMessages: c.Pipeline.BatchMessages,
		BatchBytes:    int(c.Pipeline.BatchBytes),
		Pool:          &p.pool,
		MaxBytes:      int64(c.Pipeline.MaxBytes),
		Ledger:        &p.ledger,
		Heartbeat:     &r.heartbeat,
		Changed:       p.sourceChanged,
		Dropped:       p.notes.dropped,
	})
	p.rightsNow.Store(&d.rights)
	p.publishing = natsio.PublisherConfig{
		Ledger:    &p.ledger,
		TTL:       c.Pipeline.CopyTTL,
		Heartbeat: &r.heartbeat,
		Rights:    func() link.Rights { return *p.rightsNow.Load() },
		Denied:    p.denied,
		Failed:    p.failed,
		Written:   p.latency.Observe,
		Changed:   p.wake,
	}
	if p.asked != nil {
		p.publishing.Settled = p.asked.Settled
	}
	var lanes []*lane
	for i := range firstLanes(c) {
		lanes = append(lanes, p.newLane(i+1))
	}
	p.lanes.Store(&lanes)
	p.beside.Store(new([]*lane))
	return p
}

// setPipeline completes the path with its pipeline.
func (p *path) setPipeline(c config.Config, rules pipeline.Rules) {
	p.pipeline = pipeline.New(pipeline.Config{
		Source:        p.source,
		Rules:         rules,
		Publishers:    publishersOf(p.inUse()),
		Ledger:        &p.ledger,
		Pool:          &p.pool,
		CountSubjects: p.sized(c),
		DecodeWorkers: decodeWorkers(c.Pipeline.DecodeWorkers),
		Depth:         c.Pipeline.Depth,
		OnRejected:    p.rejected,
		OnSkipped:     p.skipped,
	})
}

// compactLimits bound what one compact message may expand to.
func compactLimits(c config.Config) compact.Limits {
	return compact.Limits{Bytes: int(c.Limits.ExpandedBytes), Messages: 1 << 16, Targets: max(1<<18, c.Limits.Targets)}
}

// decodeWorkers returns how many goroutines decode: the configured number, or, if that is 0, one
// for every two processors.
func decodeWorkers(configured int) int {
	if configured > 0 {
		return configured
	}
	return max(1, runtime.GOMAXPROCS(0)/2)
}

// destination returns the URL of the server that the first lane publishes to, or did last.
func (p *path) destination() string { return p.inUse()[0].publisher.URL() }

// sourceChanged is called when the source has joined or left its queue group, and when its server
// is suspected or no longer is.
func (p *path) sourceChanged() {
	p.wake()
	if p.neededBy != nil {
		p.neededBy.wake()
	}
}

// wake makes the guard look at the path. It does not block.
func (p *path) wake() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// run carries messages. It blocks until ctx ends, or until the source is closed and empty.
func (p *path) run(ctx context.Context) {
	defer close(p.done)
	p.pipeline.Run(ctx)
}

// finish blocks until everything received has been published and has its fate, or ctx ends. The
// source must be closed.
func (p *path) finish(ctx context.Context) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, l := range p.inUse() {
		if err := l.publisher.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// abort abandons all copies that are not written yet.
func (p *path) abort() {
	for _, l := range p.inUse() {
		l.publisher.Abort()
	}
}

// inDoubt returns how many copies are written and have no fate yet.
func (p *path) inDoubt() (n int64) {
	for _, l := range p.inUse() {
		n += l.publisher.InDoubt()
	}
	return n
}

// unaccounted returns how many messages and copies have no fate although nothing is under way.
// While anything is under way the books cannot be judged, and it returns 0.
func (p *path) unaccounted() int64 {
	before, batches := p.idle()
	s := p.ledger.Snapshot()
	if after, later := p.idle(); !before || !after || batches != later {
		return 0
	}
	return s.InParse() + s.InFlight()
}

// idle reports whether nothing is under way, and returns how many batches have come so far
// (pipeline.Idle). Copies in doubt are under way.
func (p *path) idle() (idle bool, batches int64) {
	idle, batches = p.pipeline.Idle()
	return idle && p.inDoubt() == 0, batches
}
