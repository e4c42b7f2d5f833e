package sim

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// A result is what became of a scenario.
type result struct {
	seen       map[string]int
	violations []string
	recovery   map[string]time.Duration // from the end of the faults to an answer; at most one
}

// How a scenario ends.
const (
	afterFaults = iota // the faults stop, the relay recovers and is asked to stop
	underFaults        // it is asked to stop under faults
	byAbort            // Abort under faults
)

// scenario runs one world to its end, in a bubble.
func scenario(seed uint64, log *slog.Logger) result {
	rng := rand.New(rand.NewPCG(seed, 0))
	w, err := newWorld(seed, rng, 1+rng.IntN(4)/3, 1+rng.IntN(4)/3)
	if err != nil {
		return result{violations: []string{"BUG of the simulation: " + err.Error()}}
	}
	w.network.faulty = true
	ending := []int{afterFaults, afterFaults, afterFaults, afterFaults, underFaults, byAbort}[rng.IntN(6)]
	return w.live(log, ending, between(rng, 2*time.Second, 40*time.Second))
}

// live runs the relay under load and faults for a while, and judges.
func (w *world) live(log *slog.Logger, ending int, lasts time.Duration) (r result) {
	if err := w.start(log); err != nil {
		return result{violations: []string{err.Error()}}
	}
	until := time.Now().Add(lasts)
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		w.load(rand.New(rand.NewPCG(w.network.seed, 1)), until)
	}()
	w.weather(until)
	<-loaded
	peaceful := false
	switch ending {
	case afterFaults:
		close(w.network.calm)
		r.recovery = w.recover()
		peaceful = !w.network.dead() // one that nobody has missed yet may hold the drain up
		w.stop()
	case underFaults:
		w.stop()
	case byAbort:
		w.network.saw("abort")
		w.relay.Abort()
	}
	w.finish(peaceful)
	r.seen, r.violations = w.network.seen, w.network.violations
	return r
}

// load sends requests and replies until the time is up.
func (w *world) load(rng *rand.Rand, until time.Time) {
	lanes := w.relay.Paths()[0].Lanes
	for i := 0; time.Now().Before(until); i++ {
		lanes = w.noteLanes(lanes)
		switch rng.IntN(8) {
		case 0:
			w.burst(rng, fmt.Sprintf("b%d", i))
		case 1:
			for range 1 + rng.IntN(10) {
				w.ask(rng.IntN(len(w.federation)), 1+rng.IntN(3), size(rng), size(rng))
			}
		case 2:
			w.ask(rng.IntN(len(w.federation)), 10+rng.IntN(100), rng.IntN(500), rng.IntN(500))
		default:
			w.ask(rng.IntN(len(w.federation)), 1+rng.IntN(8), size(rng), size(rng))
		}
		pass(between(rng, time.Millisecond, 4*time.Second))
	}
}

// noteLanes notes whether requests have more lanes than before, or fewer. It returns how many.
func (w *world) noteLanes(before int64) int64 {
	now := w.relay.Paths()[0].Lanes
	switch {
	case now > before:
		w.network.saw("more lanes")
	case now < before:
		w.network.saw("fewer lanes")
	}
	return now
}

// burst sends replies to one client all at once.
func (w *world) burst(rng *rand.Rand, id string) {
	station := rng.IntN(len(w.collective))
	for range 1 + rng.IntN(100) {
		w.crowd.answer(station, id, "n00001.ldn.example.net", rng.IntN(2000))
	}
}

// size is that of a payload: mostly small, now and then more than a read brings.
func size(rng *rand.Rand) int {
	switch rng.IntN(20) {
	case 0:
		return rng.IntN(200 << 10)
	case 1, 2, 3:
		return rng.IntN(10 << 10)
	}
	return rng.IntN(600)
}

// probe sends a request that is small and sure to be answered.
func (w *world) probe(station int) string { return w.ask(station, 1, 10, 10) }
