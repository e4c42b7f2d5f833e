package load

import (
	"fmt"
	"time"
)

// Beyond these a run counts as bound by the generator: it says little of the relay.
const (
	lagLimit    = 10 * time.Millisecond // later than planned by so much is late
	lagShare    = 0.01                  // share of requests that were late
	cpuShare    = 0.6                   // share of the machine that this process used
	writeShare  = 0.3                   // share of a burst that was spent on writing its requests
	shortestRun = 50 * time.Millisecond // in a shorter run CPU time says nothing
)

// strain is what shows whether the generator could keep up.
type strain struct {
	plan     Plan
	requests int64
	lags     int64 // requests that were late
	maxLag   time.Duration
	usage    usage
	writing  time.Duration // spent on requests before they could be published
	dropped  int64         // replies this process was too slow for
	errors   int64
}

// why names the first sign that the generator was the bottleneck; empty if there is none. Requests
// of a burst are planned for one moment, so those are never late.
func (s strain) why() string {
	switch {
	case s.dropped > 0:
		return fmt.Sprintf("the generator was too slow for %d replies and lost them itself", s.dropped)
	case s.errors > 0:
		return fmt.Sprintf("the generator's connection had %d errors", s.errors)
	case !s.plan.Burst && float64(s.lags) > lagShare*float64(s.requests):
		return fmt.Sprintf("%d of %d requests were sent more than %s late, one of them %s",
			s.lags, s.requests, lagLimit, s.maxLag.Round(time.Millisecond))
	case s.plan.Burst && s.usage.took > shortestRun && float64(s.writing) > writeShare*float64(s.usage.took):
		return fmt.Sprintf("the generator spent %s of %s on writing the requests of the burst",
			s.writing.Round(time.Millisecond), s.usage.took.Round(time.Millisecond))
	case s.usage.took > shortestRun && s.usage.share() > cpuShare:
		return fmt.Sprintf("the generator used %.0f %% of all CPUs itself", 100*s.usage.share())
	}
	return ""
}

func (g *Generator) strain() strain {
	s := strain{
		plan: g.opts.Plan, requests: int64(len(g.all)), lags: g.lags.Load(), maxLag: time.Duration(g.maxLag.Load()),
		usage: g.usage, writing: g.writing, errors: g.errors.Load(),
	}
	if n, err := g.sub.Dropped(); err == nil {
		s.dropped = int64(n)
	}
	return s
}
