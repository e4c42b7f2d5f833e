package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
)

// release opens the gate for one call after the other until done. Between two calls everything else
// goes as far as it can, so that the lanes find as much waiting as possible.
func release(gate chan<- struct{}, done <-chan struct{}) {
	for {
		synctest.Wait()
		select {
		case gate <- struct{}{}:
		case <-done:
			return
		}
	}
}

// heavyTo makes a message that takes about as many turns of its lane.
func heavyTo(client string, serial, turns int) *script {
	s := &script{client: client, serial: serial, verdict: serve, size: 16_000}
	for i := range 17 * turns {
		s.targets = append(s.targets, fmt.Sprint("c.node.", i))
	}
	return s
}

// lightTo makes a message that is published at once, where nothing is ahead of it.
func lightTo(client string, serial int) *script {
	return &script{client: client, serial: serial, verdict: serve, targets: []string{"c.node.0"}}
}

// carryGated carries batches with as much waiting at the lanes as possible. It compares the outcome
// with that of a plain reading of the scripts.
func carryGated(t *testing.T, lanes int, batches [][]*script, more func() bool) {
	t.Helper()
	r := newRig(lanes, scriptRouter{}, bringScripts(batches, more))
	r.prompt(rand.New(rand.NewPCG(uint64(len(batches)), 11)))
	gate := r.gate()
	r.end()
	release(gate, r.start(t.Context()))
	if d := r.diff(t, batches); d != "" {
		t.Error(d)
	}
}

func TestEqualKeysStayInOrderBehindHeavyMessages(t *testing.T) {
	for name, batches := range map[string][][]*script{
		"light behind heavy":           {{heavyTo("a", 1, 4)}, {lightTo("a", 2)}, {lightTo("b", 3)}, {lightTo("a", 4)}},
		"heavy behind heavy":           {{heavyTo("a", 1, 4)}, {heavyTo("a", 2, 3)}, {heavyTo("b", 3, 3)}, {heavyTo("a", 4, 3)}},
		"heavy behind light":           {{heavyTo("a", 1, 4)}, {lightTo("a", 2)}, {heavyTo("a", 3, 3)}, {lightTo("a", 4)}},
		"in one batch":                 {{lightTo("a", 1), heavyTo("a", 2, 4), lightTo("a", 3), heavyTo("a", 4, 3), lightTo("a", 5)}},
		"two keys, both behind":        {{heavyTo("a", 1, 9)}, {heavyTo("b", 2, 3)}, {lightTo("a", 3), lightTo("b", 4)}, {lightTo("a", 5)}},
		"two keys, the first behind":   {{heavyTo("a", 1, 9)}, {heavyTo("b", 2, 3)}, {lightTo("c", 3), lightTo("a", 4)}, {lightTo("c", 5)}},
		"two keys, the second in turn": {{heavyTo("a", 1, 3)}, {heavyTo("b", 2, 9)}, {lightTo("b", 3), lightTo("a", 4)}, {lightTo("a", 5)}},
	} {
		t.Run(name, func(t *testing.T) {
			for lanes := 1; lanes <= 3; lanes++ {
				for _, more := range []bool{false, true} {
					synctest.Test(t, func(t *testing.T) { carryGated(t, lanes, batches, func() bool { return more }) })
				}
			}
		})
	}
}

func TestEqualKeysStayInOrderUnderEveryMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(60) {
			random := rand.New(rand.NewPCG(seed, 3))
			w := &scriptWriter{Rand: random, clients: 1 + random.IntN(6), heavy: 1 + random.IntN(40)}
			var batches [][]*script
			for range 25 {
				batches = append(batches, w.batch(1+random.IntN(5)))
			}
			lanes, mixed := 1+random.IntN(5), random.IntN(2) == 0
			carryGated(t, lanes, batches, func() bool { return mixed && random.IntN(2) == 0 })
			if t.Failed() {
				t.Fatalf("seed %d, %d lanes", seed, lanes)
			}
		}
	})
}

// Many small messages make a heavy egress, too: of one client or of several.
func TestEqualKeysStayInOrderInHeavyBatchesOfLightMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for clients := 1; clients <= 4; clients++ {
			var batches [][]*script
			for i := range 12 {
				var batch []*script
				for k := range 1 + i%3*50 {
					s := lightTo(fmt.Sprint("client", k%clients), 100*i+k)
					s.size = 15_000
					batch = append(batch, s)
				}
				batches = append(batches, batch)
			}
			carryGated(t, 1+clients%2, batches, func() bool { return clients%2 == 0 })
		}
	})
}
