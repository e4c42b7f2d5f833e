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
	Direct      bool // can be done without a relay
	options     options
	play        func(b *bed, s *stopwatch) error
}

// Settings are the same for all trials of a run.
type Settings struct {
	Servers  []string      // command that runs Serve
	Work     time.Duration // how long a trial keeps on when it has a choice
	Patience time.Duration // how long nothing may arrive before what is missing counts as lost
	Limit    time.Duration // what no trial exceeds
}

// Run measures one contestant. An error means that there is no result.
func (s Scenario) Run(ctx context.Context, c Contestant, set Settings) (record.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, set.Limit)
	defer cancel()
	b, err := makeBed(ctx, c, set, s.options)
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
