package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/load"
	"github.com/fedrelay/fedrelay/internal/record"
)

// A Result is what became of all requests while a fault happened.
type Result struct {
	Fault Fault
	Times int // how often it happened
	// Requests are those of the client. Each asked all nodes, so Asked replies were to come.
	Requests, Asked, Replies, Lost, Duplicated, Unaccounted int64
	Took                                                    time.Duration
	// Problems are what should not be. Empty: all that must hold has held.
	Problems []string
}

// Run lets a fault happen under load. It blocks until all is over and everything that it started
// has ended. The error is about what kept it from finding out.
func Run(ctx context.Context, o Options, f Fault) (Result, error) {
	o.setDefaults()
	w, err := newWorld(ctx, o, f)
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	if f.prepare != nil {
		tidy, err := f.prepare(w)
		if err != nil {
			return Result{}, fmt.Errorf("%s: %w", f.Name, err)
		}
		defer tidy()
	}
	if err := w.start(); err != nil {
		return Result{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	result, err := w.run()
	if err != nil {
		err = fmt.Errorf("%s: %w", f.Name, err)
	}
	return result, err
}

// afterwards is for how long requests go on when a fault is over.
const afterwards = time.Second

func (w *world) run() (Result, error) {
	result := Result{Fault: w.fault}
	began := time.Now()
	asking, stopAsking := context.WithCancel(w.ctx)
	defer stopAsking()
	asked := make(chan error, 1)
	go func() { asked <- w.generator.Ask(asking) }()
	defer w.options.Began(w.generator.Live)()
	pause(w.ctx, 300*time.Millisecond)

	times, err := w.fault.happens(w)
	if err == nil {
		err = w.allReady()
	}
	if err == nil && w.fault.happened != nil {
		err = w.fault.happened(w)
	}
	well := w.generator.Live().Elapsed
	pause(w.ctx, afterwards)
	stopAsking()
	if err = errors.Join(err, <-asked); err != nil {
		return result, err
	}
	if err := w.settle(); err != nil {
		return result, err
	}
	result.Times, result.Took = times, time.Since(began)
	err = w.stopRelays()
	if err == nil {
		err = w.generator.Settle(w.ctx)
	}
	result.judge(observed{
		run: w.generator.Record(), counts: w.generator.Counts(), ended: w.ended, well: well,
		load: w.rate() * float64(w.nodeCount()), known: !w.fault.Servers && !w.fault.Mute && !w.killed,
	})
	return result, errors.Join(err, w.ctx.Err())
}

// settle waits until all that can arrive has arrived.
func (w *world) settle() error {
	for w.generator.Live().Open > 0 {
		before := w.generator.Counts()
		if err := errors.Join(w.nodes.Settle(), w.generator.Settle(w.ctx)); err != nil {
			return err
		}
		if before == w.generator.Counts() {
			return w.ctx.Err() // nothing comes any more
		}
	}
	return w.generator.Settle(w.ctx)
}

// observed is what a run has shown.
type observed struct {
	run    *record.Run
	counts load.Counts
	ended  books         // of all relays that ended in order
	well   time.Duration // when the fault was over; what is planned later must be answered
	load   float64       // replies a second that were asked for
	known  bool          // the books are those of all relays, and no server has lost what they say
}

// judge compares what the client, the nodes and the relays say with what must hold.
func (r *Result) judge(o observed) {
	t := o.run.Totals
	r.Requests, r.Asked, r.Replies, r.Lost, r.Duplicated = t.Requests, t.Targets, t.Replies, t.Lost, t.Duplicates
	r.Unaccounted = o.ended.unaccounted
	problem := func(n int64, format string, args ...any) {
		if n != 0 {
			r.Problems = append(r.Problems, fmt.Sprintf(format, append([]any{n}, args...)...))
		}
	}
	problem(t.Duplicates, "%d came twice")
	problem(t.Misdelivered, "%d came to the wrong node, or from one")
	problem(o.counts.Corrupt, "%d replies are not what the nodes sent")
	problem(o.counts.Strays, "%d replies to nothing that was asked")
	problem(r.Unaccounted, "%d unaccounted")
	problem(late(o.run, o.well), "%d requests after the end of it were not answered in full")
	if r.Fault.Lossless {
		problem(r.Lost, "%d lost, and nothing may be")
	}
	if most := int64(r.Fault.LostAtMost.Seconds() * o.load * float64(r.Times)); most > 0 && r.Lost > most {
		problem(r.Lost, "%d lost, and %d may be: %s of the load each time", most, r.Fault.LostAtMost)
	}
	if n := o.counts.Copies; o.known && (n < o.ended.confirmed || n > o.ended.confirmed+o.ended.unconfirmed) {
		problem(n, "%d copies arrived; relays have confirmed %d, and do not know of %d", o.ended.confirmed, o.ended.unconfirmed)
	}
	if n := o.counts.Replies; o.known && (n < o.ended.replies || n > o.ended.replies+o.ended.repliesInDoubt) {
		problem(n, "%d replies arrived; relays have confirmed %d, and do not know of %d", o.ended.replies, o.ended.repliesInDoubt)
	}
}

// late counts requests that were planned after well and not answered in full.
func late(run *record.Run, well time.Duration) (n int64) {
	for _, request := range run.Requests {
		if request.Planned < well {
			continue
		}
		for _, reply := range request.Replies {
			if reply == 0 {
				n++
				break
			}
		}
	}
	return n
}
