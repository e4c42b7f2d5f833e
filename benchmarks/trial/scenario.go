package trial

import (
	"context"
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A Scenario is something that a relay is asked to do.
type Scenario struct {
	Name, Title string
	Direct      bool // possible without a relay
	options     options
	play        func(b *testbed, s *stopwatch) error
}

// Settings are the same for all trials of a run.
type Settings struct {
	Servers  []string      // command that runs Serve
	Work     time.Duration // how long a trial goes on, at least
	Patience time.Duration // how long nothing may arrive before what is missing counts as lost
	Limit    time.Duration // after which a trial is stopped
}

// Run measures one contestant. An error means that there is no result.
func (s Scenario) Run(ctx context.Context, c Contestant, set Settings) (record.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, set.Limit)
	defer cancel()
	b, err := newTestbed(ctx, c, set, s.options)
	if err != nil {
		return record.Outcome{}, err
	}
	defer b.close()
	w := &stopwatch{bed: b, work: set.Work, outcome: record.Outcome{Figures: map[string]float64{}}}
	err = s.play(b, w)
	if ctx.Err() != nil {
		err = errors.Join(errors.New("not done in time"), err)
	}
	w.conclude()
	return w.outcome, err
}
