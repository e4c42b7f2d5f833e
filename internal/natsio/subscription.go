package natsio

import (
	"context"
	"fmt"
	"sync"
)

// A subscription is one stay in the queue group, with as many subscriptions at the server as the
// source has weight: each of them gets the same share.
type subscription struct {
	intake   *intake
	answered chan struct{} // closed when the server has answered, or nobody waits for that any more
	depart   func()        // sees it out without waiting for the server, which is told
	closed   chan struct{} // after the last message has been handed over
	end      func()        // closes closed
}

func newSubscription(i *intake) *subscription {
	s := &subscription{intake: i, answered: make(chan struct{}), closed: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.closed) })
	return s
}

// ended reports whether nothing more comes from sub.
func (sub *subscription) ended() bool { return closed(sub.closed) }

// ended waits until nothing more comes from any of subs.
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

// confirm waits until the server has taken the subscription, or says that it has not.
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
