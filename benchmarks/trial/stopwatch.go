package trial

import (
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A stopwatch takes the figures of a trial.
type stopwatch struct {
	bed     *testbed
	work    time.Duration
	settle  time.Duration
	outcome record.Outcome

	// Taken by start.
	started time.Time
	used    usage
	machine time.Duration
	runtime allocated
}

// start begins the part that is measured. It waits until the relay is at rest after the warm-up.
func (w *stopwatch) start() {
	w.bed.awaitRest()
	w.runtime = w.bed.allocated(w.bed.allocated(allocated{}))
	w.bed.awaitRest()
	w.used, w.machine, w.started = w.bed.meters.read(), machineTime(), time.Now()
}

// stop ends the part that is measured, when the relay is at rest again. It sets the figure of that
// name to the CPU time of the relay for each of n copies, replies or requests.
func (w *stopwatch) stop(name string, n int) {
	if n == 0 {
		return
	}
	w.bed.awaitRest()
	used := w.bed.meters.read().since(w.used)
	w.set(record.ServersCPU, per(used.servers, n))
	w.set(record.HarnessCPU, per(used.harness, n))
	w.set(record.OthersShare, othersShare(machineTime()-w.machine, used.sum(), time.Since(w.started)))
	if !w.bed.direct {
		w.set(name, per(used.relay, n))
		w.set(record.Switches, float64(used.switches)/float64(n))
		w.set(record.PeakMemory, float64(w.bed.meters.relay.HighWater())/(1<<20))
		w.setAllocated(n)
	}
}

// goOn reports whether there should be one more repetition after i: there are three at least,
// unless something got lost.
func (w *stopwatch) goOn(i int) bool {
	return !w.bed.failed() && (i < 3 || time.Since(w.started) < w.work)
}

// set keeps a figure, with five digits: more would only look exact.
func (w *stopwatch) set(name string, value float64) {
	w.outcome.Figures[name] = record.Digits(value, 5)
}

// conclude waits for everything that is still on its way, and judges what has arrived.
func (w *stopwatch) conclude() {
	b := w.bed
	_ = b.flush()
	if err := b.checkSecurity(); err != nil {
		w.outcome.Invalid = err.Error()
	}
	for _, t := range []*tally{b.copies, b.replies} {
		if fault := t.fault(); fault != "" && w.outcome.Invalid == "" {
			w.outcome.Invalid = fault
		}
	}
	w.set(record.Lost, float64(b.copies.lost+b.replies.lost))
	w.set(record.Duplicates, float64(b.copies.duplicates+b.replies.duplicates))
}

func per(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / 1000 / float64(n) }

// quantile returns the value below which the share q of all is. It sorts all.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
