package pipeline_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
)

// A manner is a way in which batches go through a pipeline.
type manner struct {
	name    string
	workers int
	more    bool
	full    int // how many batches go in while none comes out
}

// Down the line one batch each is held by the source, by decode and by fan-out, and as many as
// depth says by each of the two channels between them.
var manners = []manner{
	{"inline", 4, false, 1},
	{"one worker", 1, true, 1},
	{"down the line", 4, true, 3 + 2*depth},
}

// inManners runs a test in every manner, each time in a bubble of synctest.
func inManners(t *testing.T, test func(t *testing.T, m manner)) {
	for _, m := range manners {
		t.Run(m.name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { test(t, m) }) })
	}
}

// lights makes a rig with so many batches of a light message each.
func (m manner) lights(batches int) *rig {
	var all []bring
	for i := range batches {
		all = append(all, bring{[]string{lightTo("a", i).String()}, m.more})
	}
	r := newRig(1, scriptRouter{}, all)
	r.DecodeWorkers = m.workers
	return r
}

func (r *rig) taken() int {
	_, batches := r.Idle()
	return int(batches)
}

func TestAFullLineBlocksTheSourceAndLosesNothing(t *testing.T) {
	inManners(t, func(t *testing.T, m manner) {
		const batches = 100
		r := m.lights(batches)
		r.end()
		gate := r.gate()
		done := r.start(t.Context())
		synctest.Wait()
		if n := r.taken(); n != m.full {
			t.Errorf("%d batches went in while none came out, want %d", n, m.full)
		}
		close(gate)
		<-done
		if n := len(r.all()); n != batches {
			t.Errorf("%d of %d copies", n, batches)
		}
		r.check(t)
	})
}

// Take is blocked when the context ends: what it was called with is carried, and no more is taken.
func TestTheContextEndsReceivingButNotWhatWasReceived(t *testing.T) {
	inManners(t, func(t *testing.T, m manner) {
		r := m.lights(100)
		gate := r.gate()
		ctx, cancel := context.WithCancel(t.Context())
		done := r.start(ctx)
		synctest.Wait()
		taken := r.taken()
		cancel()
		synctest.Wait()
		select {
		case <-done:
			t.Error("ended with messages under way")
		default:
		}
		close(gate)
		<-done
		if n := len(r.all()); n != taken || r.taken() != taken || n < 1 {
			t.Errorf("%d copies, %d batches, %d of them before the end", n, r.taken(), taken)
		}
		r.check(t)
	})
}

func TestTheEndOfTheSourceEndsAnIdlePipeline(t *testing.T) {
	inManners(t, func(t *testing.T, m manner) {
		for _, batches := range []int{0, 1, 5} {
			r := m.lights(batches)
			done := r.start(t.Context())
			synctest.Wait()
			if idle, n := r.Idle(); !idle || int(n) != batches {
				t.Errorf("idle %v after %d of %d batches", idle, n, batches)
			}
			r.end()
			<-done
			r.check(t)
		}
	})
}

// The publishers take long, and each call takes another time.
func TestSlowPublishersGetEverything(t *testing.T) {
	inManners(t, func(t *testing.T, m manner) {
		for seed := range uint64(5) {
			random := rand.New(rand.NewPCG(seed, 5))
			w := &scriptWriter{Rand: random, clients: 5, heavy: 5}
			batches := [][]*script{w.batch(20), w.batch(20), w.batch(20), w.batch(20)}
			r := newRig(2, scriptRouter{}, bringScripts(batches, func() bool { return m.more }))
			r.DecodeWorkers = m.workers
			for _, p := range r.publishers {
				pace := rand.New(rand.NewPCG(seed, 6))
				p.called = func(*pipeline.Egress) { <-time.After(time.Duration(pace.IntN(1000)) * time.Millisecond) }
			}
			r.end()
			r.Run(t.Context())
			if d := r.diff(t, batches); d != "" {
				t.Errorf("seed %d: %s", seed, d)
			}
		}
	})
}

// A pipeline is stopped at any moment, with heavy messages at their turns: what was taken is
// carried whole.
func TestNothingTakenIsLostWheneverTheContextEnds(t *testing.T) {
	inManners(t, func(t *testing.T, m manner) {
		for seed := range 30 {
			random := rand.New(rand.NewPCG(uint64(seed), 7))
			w := &scriptWriter{Rand: random, clients: 3, heavy: 10}
			var batches [][]*script
			for range 30 {
				batches = append(batches, []*script{w.next(), w.next()})
			}
			r := newRig(2, scriptRouter{}, bringScripts(batches, func() bool { return m.more }))
			r.DecodeWorkers = m.workers
			r.end()
			ctx, cancel := context.WithCancel(t.Context())
			var calls atomic.Int64
			for _, p := range r.publishers {
				p.called = func(*pipeline.Egress) {
					if calls.Add(1) > int64(seed) {
						cancel()
					}
				}
			}
			r.Run(ctx)
			cancel()
			if d := r.diff(t, batches[:r.taken()]); d != "" {
				t.Errorf("seed %d: %s", seed, d)
			}
		}
	})
}
