package natsio

import (
	"context"
	"fmt"
	"sync"
)

// A subscription is one stay in the queue group. At the server it is as many subscriptions as the
// source has weight, and each of these gets the same share of messages.
type subscription struct {
	intake   *intake
	answered chan struct{} // closed when the server has answered, or nobody waits for it any more
	depart   func()        // tells the server that the stay ends, and does not wait for its answer
	closed   chan struct{} // closed after the last message has been handed over
	end      func()        // closes closed; may be called more than once
}

func newSubscription(i *intake) *subscription {
	s := &subscription{intake: i, answered: make(chan struct{}), closed: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.closed) })
	return s
}

// ended reports whether nothing more comes from sub.
func (sub *subscription) ended() bool { return closed(sub.closed) }

// ended blocks until no more messages come from any of subs, or ctx ends. Its error is ctx's.
func ended(ctx context.Context, subs []*subscription) error {
	for _, sub := range subs {
		select {
		case <-sub.closed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// confirm blocks until the server has answered. It returns a *link.DeniedError if the server denies
// the subscription.
func (sub *subscription) confirm(ctx context.Context) error {
	session, cfg := sub.intake.session, sub.intake.source.cfg
	if err := session.RoundTrip(ctx); err != nil {
		return fmt.Errorf("subscribe to %q: %w", cfg.Subject, err)
	}
	if err := session.Settle(ctx); err != nil {
		return err
	}
	return session.SubscribeDenied(cfg.Subject, cfg.Queue)
}
