package lab

import (
	"context"
	"time"
)

const (
	idleTime         = 200 * time.Millisecond
	calibrationLeast = 5_000  // copies, if the time allows it
	calibrationMost  = 50_000 // copies
)

// calibration is what the relay uses when nobody replies.
type calibration struct {
	idle    float64 // share of one CPU
	perCopy float64 // microseconds of CPU time, without idle
}

// calibrate measures a watched relay before the run. It fails when ctx ends, when a server has
// gone, or with errUncarried.
func (l *lab) calibrate(ctx context.Context) (c calibration, err error) {
	before := l.watch.Sample()
	if err := pause(ctx, idleTime); err != nil {
		return c, err
	}
	after := l.watch.Sample()
	c.idle = float64(after.CPU-before.CPU) / float64(after.At-before.At)

	p, err := l.newPhantomRun()
	if err != nil {
		return c, err
	}
	if _, err := p.run(ctx, 1); err != nil { // for the first request of its kind a relay allocates
		return c, err
	}
	before = l.watch.Sample()
	requests, err := p.run(ctx, p.requests)
	if err != nil {
		return c, err
	}
	after = l.watch.Sample()
	used := float64(after.CPU-before.CPU) - c.idle*float64(after.At-before.At)
	c.perCopy = max(0, used/1e3/float64(requests*p.copies))
	return c, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
