package report

import (
	"math"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

func (s *Summary) costs(run *record.Run) {
	s.CPUPerCopy, s.CPUPerReply = positive(run.Costs.CPUPerCopy), positive(run.Costs.CPUPerReply)
	relay := usageOf(run.Cost, run.Meta.Elapsed)
	s.RelayCPU, s.RelaySwitches = relay.cpu, relay.switches
	s.RelayRSS = megabytes(max(run.Costs.RSSPeak, relay.rss))
	if len(run.Cost) > 0 {
		s.RelayThreads, s.RelayConns = &relay.threads, &relay.connections
	}
	self := usageOf(run.Self, run.Meta.Elapsed)
	s.GeneratorCPU, s.GeneratorRSS = self.cpu, megabytes(self.rss)
}

// A usage is what the samples of a process say. The pointers are nil if there are too few samples.
type usage struct {
	cpu, switches             *float64 // per cent of one CPU; per second
	rss, threads, connections int64    // the most
}

func usageOf(samples []record.Sample, elapsed time.Duration) (u usage) {
	if len(samples) == 0 {
		return u
	}
	for _, s := range samples {
		u.rss = max(u.rss, s.RSS)
		u.threads = max(u.threads, int64(s.Threads))
		u.connections = max(u.connections, int64(s.Connections))
	}
	first, last := during(samples, elapsed)
	seconds := last.At.Seconds() - first.At.Seconds()
	if seconds > 0 {
		u.cpu = known(100 * (last.CPU.Seconds() - first.CPU.Seconds()) / seconds)
		u.switches = known((float64(last.Switches) - float64(first.Switches)) / seconds)
	}
	return u
}

// during returns the samples between which the run took place. The process may have been watched
// before and after that.
func during(samples []record.Sample, elapsed time.Duration) (first, last record.Sample) {
	first, last = samples[0], samples[0]
	for _, s := range samples {
		if s.At <= 0 {
			first = s
		}
		last = s
		if s.At >= elapsed {
			break
		}
	}
	return first, last
}

func positive(v float64) *float64 {
	if v <= 0 || math.IsNaN(v) {
		return nil
	}
	return known(v)
}

func megabytes(bytes int64) *float64 {
	if bytes <= 0 {
		return nil
	}
	return known(float64(bytes) / 1e6)
}
