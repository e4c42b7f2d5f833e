package relay

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrCutShort means that a drain did not come to its end.
var ErrCutShort = errors.New("stopped before everything was carried")

// drain stops taking requests, carries those taken, waits for the replies to them, and carries those. The order matters:
// each step can only end when what feeds it has. stopRequests and stopReplies end the guards.
func (r *Relay) drain(stopRequests, stopReplies func()) error {
	ctx, cancel := r.untilAbort(r.cfg.Drain.Timeout)
	defer cancel()
	r.log.Info("draining", "timeout", r.cfg.Drain.Timeout)
	stopRequests()
	err := r.empty(ctx, r.request)
	if err == nil {
		r.linger(ctx)
	}
	stopReplies()
	err = errors.Join(err, r.empty(ctx, r.reply))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	return nil
}

// untilAbort ends after a time, or with Abort.
func (r *Relay) untilAbort(after time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), after)
	go func() {
		select {
		case <-r.abort:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// empty leaves the queue group of a path and carries what came until then.
func (r *Relay) empty(ctx context.Context, p *path) error {
	err := p.source.Leave(ctx)
	p.source.Close()
	if err == nil {
		err = p.finish(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s path: %w", p.name, err)
	}
	return nil
}

// linger waits as long as replies to the last request are still likely.
func (r *Relay) linger(ctx context.Context) {
	last := r.lastAsked.Load()
	if last == 0 {
		return
	}
	left := time.Duration(last) + r.cfg.Drain.Replies - time.Since(r.started)
	if left <= 0 {
		return
	}
	r.log.Info("waiting for replies to the last request", "for", left.Round(time.Millisecond))
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
