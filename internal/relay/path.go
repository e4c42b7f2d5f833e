package relay

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A path is one direction: a source on one side, a pipeline, and publishers on the other.
type path struct {
	name       string // "request" or "reply"
	log        *slog.Logger
	notes      *notes
	ledger     pipeline.Ledger
	pool       pool.Pool
	source     *natsio.Source
	publishers []*natsio.Publisher
	pipeline   *pipeline.Pipeline

	// needs is another path without which this one must not take messages, nil for none; neededBy is the reverse.
	needs, neededBy *path

	changed chan struct{} // full when something went up or down that matters here
	done    chan struct{} // closed when the pipeline has ended
}

// newPath returns a path that lacks only its router. subject and queue are what it receives.
func (r *Relay) newPath(name, queue, subject string) *path {
	c := r.cfg
	p := &path{
		name:    name,
		log:     r.log.With("path", name),
		changed: make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	p.notes = &notes{log: p.log, interval: c.Log.DropInterval}
	p.source = natsio.NewSource(natsio.SourceConfig{
		Subject:       subject,
		Queue:         queue,
		Weight:        c.Weight,
		InboxMessages: c.Pipeline.InboxMessages,
		InboxBytes:    int(c.Pipeline.InboxBytes),
		BatchMessages: c.Pipeline.BatchMessages,
		BatchBytes:    int(c.Pipeline.BatchBytes),
		Pool:          &p.pool,
		MaxBytes:      int64(c.Pipeline.MaxBytes),
		Ledger:        &p.ledger,
		Heartbeat:     &r.heartbeat,
		Changed:       p.changes,
		Dropped:       p.notes.dropped,
	})
	for range c.Pipeline.Lanes {
		p.publishers = append(p.publishers, natsio.NewPublisher(natsio.PublisherConfig{
			Ledger:    &p.ledger,
			TTL:       c.Pipeline.CopyTTL,
			Heartbeat: &r.heartbeat,
			Denied:    p.notes.denied,
			Failed:    p.notes.failed,
			Changed:   p.wake,
		}))
	}
	return p
}

// route gives the path its router, and what its messages may hold.
func (p *path) route(c config.Config, r pipeline.Router, limits wire.Limits) {
	cfg := pipeline.Config{
		Source:        p.source,
		Router:        r,
		Ledger:        &p.ledger,
		Pool:          &p.pool,
		Limits:        limits,
		Normalize:     c.Compat == config.CompatPeer,
		DecodeWorkers: decodeWorkers(c.Pipeline.DecodeWorkers),
		Depth:         c.Pipeline.Depth,
		Rejected:      p.notes.rejected,
		Skipped:       p.notes.skipped,
	}
	for _, pub := range p.publishers {
		cfg.Publishers = append(cfg.Publishers, pub)
	}
	p.pipeline = pipeline.New(cfg)
}

// decodeWorkers is how many there are, where set says or by what there is to run them.
func decodeWorkers(set int) int {
	if set > 0 {
		return set
	}
	return max(1, runtime.GOMAXPROCS(0)/2)
}

// destination is the URL of the server that the path publishes to.
func (p *path) destination() string { return p.publishers[0].URL() }

// changes is called when the source joined or left its queue group.
func (p *path) changes() {
	p.wake()
	if p.neededBy != nil {
		p.neededBy.wake()
	}
}

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

// up tells whether everything that is received can be served.
func (p *path) up() bool {
	if p.needs != nil && !p.needs.source.Subscribed() {
		return false
	}
	for _, pub := range p.publishers {
		if !pub.Up() {
			return false
		}
	}
	return true
}

// rejoinInterval is how often a path that could not join its queue group tries again.
const rejoinInterval = 2 * time.Second

// guard keeps the path in its queue group while it can publish, and out of it while it cannot, until ctx ends.
func (p *path) guard(ctx context.Context) {
	retry := time.NewTicker(rejoinInterval)
	defer retry.Stop()
	for {
		p.serve(ctx)
		select {
		case <-p.changed:
		case <-retry.C:
		case <-ctx.Done():
			return
		}
	}
}

// serve joins or leaves the queue group.
func (p *path) serve(ctx context.Context) {
	was := p.source.Subscribed()
	err := p.source.Serve(ctx, p.up())
	switch is := p.source.Subscribed(); {
	case err != nil && ctx.Err() == nil:
		p.notes.notJoined(err)
	case is && !was:
		p.log.Info("joined the queue group")
	case was && !is:
		p.log.Warn("left the queue group: it could not be served")
	}
}

// finish waits until everything received has been published and settled, after the source was closed.
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

// inDoubt is the number of copies written and not settled.
func (p *path) inDoubt() (n int64) {
	for _, pub := range p.publishers {
		n += pub.InDoubt()
	}
	return n
}

// unaccounted is the number of messages and copies without a fate though nothing is on its way; 0 while something is.
func (p *path) unaccounted() int64 {
	before, batches := p.idle()
	s := p.ledger.Snapshot()
	if after, later := p.idle(); !before || !after || batches != later {
		return 0
	}
	return s.InParse() + s.InFlight()
}

// idle is pipeline.Idle, with what the publishers have in doubt.
func (p *path) idle() (idle bool, batches int64) {
	idle, batches = p.pipeline.Idle()
	return idle && p.inDoubt() == 0, batches
}
