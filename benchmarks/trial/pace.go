package trial

import (
	"context"
	"time"

	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/record"
)

// A pace does something at planned times, also when it is late.
type pace struct {
	began time.Time
	every time.Duration
	late  []time.Duration // how much later than planned each was done
}

func (p *pace) planned(i int) time.Time { return p.began.Add(time.Duration(i) * p.every) }

// run calls do n times, each as soon as its planned time has come.
func (p *pace) run(ctx context.Context, n int, do func(i int) error) error {
	p.began = time.Now()
	for i := range n {
		line.NapUntil(p.planned(i))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.late = append(p.late, time.Since(p.planned(i)))
		if err := do(i); err != nil {
			return err
		}
	}
	return nil
}

// report keeps how late things were done as a figure.
func (p *pace) report(w *stopwatch) { w.set(record.GeneratorLag, microseconds(quantile(p.late, 0.99))) }
