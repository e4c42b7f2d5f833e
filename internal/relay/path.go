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

// A path is one direction: a source on one side, a pipeline, and publishers on the other.
type path struct {
	direction
	log        *slog.Logger
	notes      *notes
	ledger     pipeline.Ledger
	pool       pool.Pool
	source     *natsio.Source
	publishers []*natsio.Publisher
	pipeline   *pipeline.Pipeline

	// needs is another path without which this one must not take messages, nil for none; neededBy is the reverse.
	needs, neededBy *path

	streak     streak
	trouble    atomic.Pointer[string] // why nothing gets through though the connections are up; nil if something does
	refusal    atomic.Pointer[string] // why the server refuses the queue group; nil if it does not
	lastDenied atomic.Pointer[denial] // nil before the first

	changed chan struct{} // full when something went up or down that matters here
	done    chan struct{} // closed when the pipeline has ended
}

// A direction is what makes a path the request path or the reply path.
type direction struct {
	name           string // "request" or "reply"
	to             string // the side that it publishes to
	subject, queue string // what it receives
	rights         link.Rights
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
		Changed:       p.changes,
		Denied:        p.notes.notOurs,
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

// changes is called when the source joined or left its queue group, or its server is suspected.
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
