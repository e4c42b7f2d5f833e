package pipeline_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/pipeline"
)

// ways of setting Batch.MoreWaiting, by name.
var ways = map[string]func(*rand.Rand) bool{
	"inline":        func(*rand.Rand) bool { return false },
	"down the line": func(*rand.Rand) bool { return true },
	"mixed":         func(r *rand.Rand) bool { return r.IntN(2) == 0 },
}

func TestTheWayThatABatchTakesMakesNoDifference(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := &scriptWriter{Rand: random, clients: 1 + random.IntN(9), heavy: 2}
		var batches [][]*script
		for range 30 {
			batches = append(batches, w.batch(20))
		}
		for way, more := range ways {
			lanes := 1 + random.IntN(4)
			r := newRig(lanes, scriptRouter{}, bringScripts(batches, func() bool { return more(random) }))
			r.DecodeWorkers = 1 + random.IntN(4)
			r.prompt(random)
			r.runAll(t)
			if d := r.diff(t, batches); d != "" {
				t.Fatalf("seed %d, %s, %d lanes: %s", seed, way, lanes, d)
			}
		}
	}
}

// A wanderer brings each batch on another goroutine, one after the other.
type wanderer struct{ source pipeline.Source }

func (w wanderer) Run(ctx context.Context, line pipeline.Line) { w.source.Run(ctx, wandering{line}) }

type wandering struct{ line pipeline.Line }

func (w wandering) Take(b *pipeline.Batch) {
	taken := make(chan struct{})
	go func() {
		defer close(taken)
		w.line.Take(b)
	}()
	<-taken
}

func TestBatchesComeFromWhateverGoroutine(t *testing.T) {
	for way, more := range ways {
		random := rand.New(rand.NewPCG(3, 3))
		w := &scriptWriter{Rand: random, clients: 5, heavy: 2}
		var batches [][]*script
		for range 50 {
			batches = append(batches, w.batch(10))
		}
		r := newRig(2, scriptRouter{}, bringScripts(batches, func() bool { return more(random) }))
		r.Source = wanderer{r.source}
		r.runAll(t)
		if d := r.diff(t, batches); d != "" {
			t.Errorf("%s: %s", way, d)
		}
	}
}

// An impatient line notes whether each batch has been carried when Take returns.
type impatient struct {
	line     pipeline.Line
	pipeline *pipeline.Pipeline
	carried  []bool
}

func (i *impatient) Take(b *pipeline.Batch) {
	synctest.Wait() // until what is ahead has been carried
	i.line.Take(b)
	idle, _ := i.pipeline.Idle()
	i.carried = append(i.carried, idle)
	synctest.Wait()
}

type impatientSource struct {
	pipeline.Source
	*impatient
}

func (s impatientSource) Run(ctx context.Context, line pipeline.Line) {
	s.line = line
	s.Source.Run(ctx, s)
}

func TestABatchIsCarriedAtOnceWhereNothingIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batches []bring
		for i := range 6 {
			batches = append(batches, bring{[]string{lightTo("a", i).String()}, i%3 == 1})
		}
		r := newRig(1, scriptRouter{}, batches)
		look := &impatient{pipeline: r.Pipeline}
		r.Source = impatientSource{r.source, look}
		r.runAll(t)
		for i, done := range look.carried {
			if !done && i%3 != 1 {
				t.Errorf("batch %d was not carried when Take returned", i)
			}
		}
	})
}

func TestRejectionsAndSkipsAreReportedAsTheyAreCounted(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 2))
		w := &scriptWriter{Rand: random, clients: 3}
		batches := [][]*script{w.batch(50), w.batch(50), w.batch(50)}
		r := newRig(2, scriptRouter{}, bringScripts(batches, func() bool { return random.IntN(2) == 0 }))
		told := outcome{}
		r.OnRejected = func(f *pipeline.Finding) { told.Books.Rejected[f.Reason]++ }
		r.OnSkipped = func(f *pipeline.Finding) { told.Books.Fates[pipeline.Skipped][f.Reason] += int64(f.Targets) }
		s := r.runAll(t)
		if told.Books.Rejected != s.Rejected || told.Books.Fates[pipeline.Skipped] != s.Fates[pipeline.Skipped] {
			t.Errorf("seed %d: told %s, counted %s", seed, told.Books.String(), s.String())
		}
	}
}
