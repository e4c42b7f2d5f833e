package load

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// quiet is how long nothing must arrive until a run counts as over. Duplicates may come after all
// that was expected.
const quiet = 200 * time.Millisecond

// Run is Ask, Settle and Record. It blocks until every request of the plan is complete or timed
// out. When ctx ends it stops asking and waiting, and returns what there is without an error.
func (g *Generator) Run(ctx context.Context) (*record.Run, error) {
	if err := g.Ask(ctx); err != nil {
		return nil, err
	}
	if err := g.Settle(ctx); err != nil {
		return nil, err
	}
	return g.Record(), nil
}

// Ask publishes all requests and waits until each is complete or timed out, or until ctx ends.
func (g *Generator) Ask(ctx context.Context) error {
	runtime.GC() // else the garbage of setting up would be collected during the run
	s := &sender{Generator: g, timer: time.NewTimer(time.Hour)}
	s.packer = NewPacker(g.writer, &g.opts, s.publishOne)
	defer s.timer.Stop()
	g.started = time.Now().Add(lead)
	g.begin.Store(int64(g.clock() + lead))
	g.usage.start()
	defer g.usage.stop()
	if err := s.send(ctx); err != nil {
		return err
	}
	if err := g.flush(ctx); err != nil {
		return err
	}
	s.waitForAll(ctx)
	g.waited = g.clock()
	return nil
}

// waitForAll waits until no request is open, or the last has timed out.
func (s *sender) waitForAll(ctx context.Context) {
	if len(s.all) == 0 {
		return
	}
	s.timer.Reset(s.all[len(s.all)-1].planned + s.opts.Timeout - s.clock())
	for s.open.Load() > 0 {
		select {
		case <-s.kick:
		case <-s.timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Settle waits until nothing has arrived for 0.2 seconds, so that duplicates are seen. It may be
// called again, for instance after a relay has drained. It returns at once when ctx ends.
func (g *Generator) Settle(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	if err := g.flush(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(quiet)
	defer tick.Stop()
	for before := int64(-1); ; {
		now := g.arrivals()
		if now == before {
			return nil
		}
		before = now
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// arrivals changes with everything that arrives, also with what waits to be counted.
func (g *Generator) arrivals() int64 {
	waiting, _, _ := g.sub.Pending()
	return g.replies.Load() + g.copies.Load() + g.strays.Load() + int64(waiting)<<40
}

// flush waits until the server has all that was published, and until all that it had for us by then
// is here. It waits ten seconds at most.
func (g *Generator) flush(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := g.nc.FlushWithContext(bounded); err != nil && ctx.Err() == nil {
		return fmt.Errorf("load: the federation's server does not answer: %w", err)
	}
	return nil
}
