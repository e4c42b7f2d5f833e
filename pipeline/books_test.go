package pipeline_test

import (
	"math/rand/v2"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
)

// watchBooks reads the ledger again and again until done. It returns what it found wrong.
func watchBooks(l *pipeline.Ledger, done <-chan struct{}) (wrong string) {
	var last pipeline.Snapshot
	for {
		s := l.Snapshot()
		switch {
		case s.InFlight() < 0 || s.InParse() < 0:
			return "more came out than went in: " + s.String()
		case s.Received < last.Received || s.Copies < last.Copies:
			return "goes down: " + s.String() + ", was " + last.String()
		}
		select {
		case <-done:
			return ""
		default:
			last = s
		}
	}
}

func TestTheBooksNeverShowMoreFatesThanCopies(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 4))
		w := &scriptWriter{Rand: random, clients: 6, heavy: 2}
		var batches [][]*script
		for range 100 {
			batches = append(batches, w.batch(30))
		}
		r := newRig(1+int(seed%3), scriptRouter{}, bringScripts(batches, func() bool { return random.IntN(2) == 0 }))
		r.end()
		done := r.start(t.Context())
		if wrong := watchBooks(&r.ledger, done); wrong != "" {
			t.Errorf("seed %d: %s", seed, wrong)
		}
		<-done
		r.check(t)
	}
}

// While a publisher is in a call the copies of that call are in flight, and nobody takes the
// pipeline for idle.
func TestWhatIsBeingPublishedIsInFlight(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		r := newRig(1, scriptRouter{}, bring([]string{lightTo("a", 1).String()}, []string{heavyTo("a", 2, 4).String()}))
		r.publishers[0].called = func(e *pipeline.Egress) {
			s := r.ledger.Snapshot()
			copies := 0
			for _, m := range e.Messages {
				copies += m.Copies()
			}
			if idle, _ := r.Idle(); idle || s.InFlight() < int64(copies) || r.pool.InUse() == 0 {
				t.Errorf("idle %v while %d copies are published: %s", idle, copies, s.String())
			}
		}
		r.runAll(t)
	})
}
