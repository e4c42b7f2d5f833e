package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/internal/record"
)

// A Scenario is something that a relay is asked to do.
type Scenario struct {
	Name, Title string
	Direct      bool // possible without a relay
	Extra       bool // usually left out, to save time
	Few         bool // usually without the contestants that stand aside
	TLS         bool
	options     options
	play        func(b *testbed, s *stopwatch) error
}

// Settings are the same for all trials of a run.
type Settings struct {
	Servers  []string      // command that runs Serve, without the arguments
	Work     time.Duration // how long a trial goes on, at least
	Patience time.Duration // how long nothing may arrive before what is missing counts as lost
	Settle   time.Duration // how long a relay's connections must not have changed, see settle
	Limit    time.Duration // after which a trial is stopped
	Files    secure.Files  // for TLS
}

// OverTLS is the same scenario with TLS on all connections.
func (s Scenario) OverTLS() Scenario {
	s.Name, s.Title, s.TLS, s.Few = s.Name+"-tls", s.Title+", TLS", true, true
	return s
}

// Away is the same scenario with so long a round trip between the relay and each server.
func (s Scenario) Away(roundTrip time.Duration) Scenario {
	s.Name, s.Title = s.Name+"-far", fmt.Sprintf("%s, servers %s away", s.Title, roundTrip)
	s.Direct, s.Few, s.options.away = false, true, roundTrip
	return s
}

// Run measures one contestant. An error means that there is no result.
func (s Scenario) Run(ctx context.Context, c Contestant, set Settings) (record.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, set.Limit)
	defer cancel()
	b, err := newTestbed(ctx, c, set, s)
	if err != nil {
		return record.Outcome{}, err
	}
	defer b.close()
	w := &stopwatch{bed: b, work: set.Work, settle: set.Settle, outcome: record.Outcome{Figures: map[string]float64{}}}
	err = s.play(b, w)
	if ctx.Err() != nil {
		err = errors.Join(errors.New("not done in time"), err)
	}
	w.conclude()
	return w.outcome, err
}
