package relay

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrCutShort says that a drain did not carry everything, because its time was up or Abort was
// called.
var ErrCutShort = errors.New("stopped before everything was carried")

// drain stops taking requests, carries those already taken, waits for replies to them, and carries
// the replies. The order matters: the replies can end only after the requests have. stopRequests
// and stopReplies end the guards, which would join the queue groups again. It blocks for
// drain.timeout at most. The error is ErrCutShort.
func (r *Relay) drain(stopRequests, stopReplies func()) error {
	timeout := r.settings.Load().Drain.Timeout
	ctx, cancel := r.untilAbort(timeout)
	defer cancel()
	r.log.Info("draining", "timeout", timeout)
	stopRequests()
	err := r.empty(ctx, r.request)
	if err == nil {
		r.waitForReplies(ctx)
	}
	stopReplies()
	err = errors.Join(err, r.empty(ctx, r.reply))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	return nil
}

// untilAbort returns a context that ends after the given time, or when Abort is called.
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

// empty leaves the queue group of a path, and blocks until all messages that came before are
// carried, or ctx ends.
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

// waitForReplies blocks while replies to the last request are likely, or until ctx ends. They are
// likely for drain.replies after the request was accepted.
func (r *Relay) waitForReplies(ctx context.Context) {
	accepted := r.lastAccepted.Load()
	if accepted == 0 {
		return
	}
	left := time.Duration(accepted) + r.settings.Load().Drain.Replies - time.Since(r.started)
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

// lastLook is for how long a drain that was cut short reads on, to count the messages that it does
// not carry.
const lastLook = time.Second

// giveUp abandons the copies that a drain has not carried, and cuts all connections, so that
// nothing waits for a server that does not answer. It blocks for lastLook at most.
func (r *Relay) giveUp() {
	r.request.abort()
	r.reply.abort()
	for _, s := range r.sides {
		for _, l := range s.publishes.allLanes() {
			l.link.Cut()
		}
	}
	ctx, cancel := r.untilAbort(lastLook)
	defer cancel()
	for _, s := range r.sides {
		_ = s.source.Leave(ctx) // messages that come after lastLook are not counted
		s.receive.Cut()
	}
}
