package trial

import (
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A stopwatch takes the figures of a trial.
type stopwatch struct {
	bed     *bed
	work    time.Duration
	outcome record.Outcome

	// Taken by start.
	started time.Time
	used    usage
	machine time.Duration
}

// start begins the measured part, when the relay has come to rest after the warm-up.
func (w *stopwatch) start() {
	w.bed.quiesce()
	w.used, w.machine, w.started = w.bed.meters.read(), machineTime(), time.Now()
}

// stop ends the measured part. n is how many copies or replies it carried, each to cost name.
func (w *stopwatch) stop(name string, n int) {
	if n == 0 {
		return
	}
	w.bed.quiesce()
	used := w.bed.meters.read().since(w.used)
	w.set(record.ServersCPU, per(used.servers, n))
	w.set(record.HarnessCPU, per(used.harness, n))
	w.set(record.OthersShare, othersShare(machineTime()-w.machine, used.sum(), time.Since(w.started)))
	if !w.bed.direct {
		w.set(name, per(used.relay, n))
		w.set(record.PeakMemory, float64(w.bed.meters.relay.HighWater())/(1<<20))
	}
}

// more tells whether to go on after i repetitions, of which there are to be at least three, unless something got lost.
func (w *stopwatch) more(i int) bool {
	return !w.bed.failed() && (i < 3 || time.Since(w.started) < w.work)
}

// set keeps five digits: more would only look exact.
func (w *stopwatch) set(name string, value float64) {
	w.outcome.Figures[name] = record.Digits(value, 5)
}

// conclude has everything that is still on its way arrive, and judges it.
func (w *stopwatch) conclude() {
	b := w.bed
	_ = b.client.Flush(b.ctx)
	_ = b.nodes.Flush(b.ctx)
	for _, t := range []*tally{b.copies, b.replies} {
		if fault := t.fault(); fault != "" && w.outcome.Invalid == "" {
			w.outcome.Invalid = fault
		}
	}
	w.set(record.Lost, float64(b.copies.lost+b.replies.lost))
	w.set(record.Duplicates, float64(b.copies.duplicates+b.replies.duplicates))
}

func per(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / 1000 / float64(n) }

// quantile of all, which it sorts.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
