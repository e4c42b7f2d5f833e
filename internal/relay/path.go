package relay

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A path is the way of requests or of replies: a source on one side, a pipeline, and publishers on
// the other side.
type path struct {
	// Set while the relay is built, then read-only.
	direction
	log        *slog.Logger
	notes      *notes
	source     *natsio.Source
	publishers []*natsio.Publisher
	pipeline   *pipeline.Pipeline
	needs      *path // without it this path must not take messages; may be nil
	neededBy   *path // the reverse

	// Used by source, stages and publishers.
	ledger pipeline.Ledger
	pool   pool.Pool

	// Written by publishers, read by the guard and telemetry.
	failures   failures
	lastDenied atomic.Pointer[denial] // nil before the first

	// Written by the guard, read by Ready.
	trouble atomic.Pointer[string] // why nothing gets through over standing connections, or nil
	denial  atomic.Pointer[string] // why the server denies the queue group, or nil

	changed chan struct{} // wakes the guard; one token stands for any number of changes
	done    chan struct{} // closed when the pipeline has ended
}

// A direction is what makes a path the request path or the reply path.
type direction struct {
	name           string      // "request" or "reply"
	to             string      // the side that it publishes to
	subject, queue string      // what it subscribes to on the other side
	rights         link.Rights // what it must be allowed to publish to
}

// newPath returns a path that lacks only its router.
func (r *Relay) newPath(d direction) *path {
	c := r.cfg
	p := &path{
		direction: d,
		log:       r.log.With("path", d.name),
		changed:   make(chan struct{}, 1),
		done:      make(chan struct{}),
	}
	p.notes = &notes{log: p.log, interval: c.Log.DropInterval}
	p.source = natsio.NewSource(natsio.SourceConfig{
		Subject:       d.subject,
		Queue:         d.queue,
		Weight:        c.Weight,
		InboxMessages: c.Pipeline.InboxMessages,
		InboxBytes:    int(c.Pipeline.InboxBytes),
		BatchMessages: c.Pipeline.BatchMessages,
		BatchBytes:    int(c.Pipeline.BatchBytes),
		Pool:          &p.pool,
		MaxBytes:      int64(c.Pipeline.MaxBytes),
		Ledger:        &p.ledger,
		Heartbeat:     &r.heartbeat,
		Changed:       p.sourceChanged,
		Denied:        p.notes.statisticsDenied,
		Dropped:       p.notes.dropped,
	})
	for range c.Pipeline.Lanes {
		p.publishers = append(p.publishers, natsio.NewPublisher(natsio.PublisherConfig{
			Ledger:    &p.ledger,
			TTL:       c.Pipeline.CopyTTL,
			Heartbeat: &r.heartbeat,
			Rights:    d.rights,
			Denied:    p.denied,
			Failed:    p.failed,
			Changed:   p.wake,
		}))
	}
	return p
}

// setRouter completes the path: with its router, and with limits for what messages may hold.
func (p *path) setRouter(c config.Config, r pipeline.Router, limits wire.Limits) {
	cfg := pipeline.Config{
		Source:        p.source,
		Router:        r,
		Ledger:        &p.ledger,
		Pool:          &p.pool,
		Limits:        limits,
		Normalize:     c.Compat == config.CompatPeer,
		DecodeWorkers: decodeWorkers(c.Pipeline.DecodeWorkers),
		Depth:         c.Pipeline.Depth,
		OnRejected:    p.notes.rejected,
		OnSkipped:     p.notes.skipped,
	}
	for _, pub := range p.publishers {
		cfg.Publishers = append(cfg.Publishers, pub)
	}
	p.pipeline = pipeline.New(cfg)
}

// decodeWorkers is how many goroutines decode: as many as are configured, or one for every two
// processors.
func decodeWorkers(configured int) int {
	if configured > 0 {
		return configured
	}
	return max(1, runtime.GOMAXPROCS(0)/2)
}

// destination is the URL of the server that the path publishes to.
func (p *path) destination() string { return p.publishers[0].URL() }

// sourceChanged is called when the source has joined or left its queue group, and when its server
// is suspected or no longer is.
func (p *path) sourceChanged() {
	p.wake()
	if p.neededBy != nil {
		p.neededBy.wake()
	}
}

// wake has the guard look at the path. It does not block.
func (p *path) wake() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// run carries messages until ctx ends or the source is closed.
func (p *path) run(ctx context.Context) {
	defer close(p.done)
	p.pipeline.Run(ctx)
}

// finish waits until everything received has been published and has its fate. The source is closed
// already.
func (p *path) finish(ctx context.Context) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, pub := range p.publishers {
		if err := pub.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// abort gives up what has not been written.
func (p *path) abort() {
	for _, pub := range p.publishers {
		pub.Abort()
	}
}

// inDoubt is the number of copies that are written and have no fate yet.
func (p *path) inDoubt() (n int64) {
	for _, pub := range p.publishers {
		n += pub.InDoubt()
	}
	return n
}

// unaccounted is the number of messages and copies that have no fate although nothing is on its
// way. While something is, it is 0: the books cannot be judged then.
func (p *path) unaccounted() int64 {
	before, batches := p.idle()
	s := p.ledger.Snapshot()
	if after, later := p.idle(); !before || !after || batches != later {
		return 0
	}
	return s.InParse() + s.InFlight()
}

// idle reports whether nothing is on its way, and how many batches came so far (pipeline.Idle).
// Copies in doubt are on their way.
func (p *path) idle() (idle bool, batches int64) {
	idle, batches = p.pipeline.Idle()
	return idle && p.inDoubt() == 0, batches
}
