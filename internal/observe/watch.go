package observe

import (
	"context"
	"time"
)

// A Feed is a connection that can ask. It hears answers for the Model that it was made for.
type Feed interface {
	// Ask asks all clusters, and does not wait.
	Ask() error
	// Done is closed when the connection has ended; Err says why.
	Done() <-chan struct{}
	Err() error
	URL() string
	// Close ends the connection, and blocks until nothing of it is running.
	Close()
}

// A Watch asks again and again.
type Watch struct {
	Model *Model
	// Interval is the time between two questions.
	Interval time.Duration
	// Connect makes a Feed. It blocks until that is connected, or has failed.
	Connect func(ctx context.Context) (Feed, error)
	// Ticked is called after each interval, if it is set. It must not block.
	Ticked func()
}

// retryAfter is how long a Watch waits before it connects again.
const retryAfter = 2 * time.Second

// Run asks on a feed, and connects again when that has ended, until ctx ends. It takes ownership of
// feed.
func (w *Watch) Run(ctx context.Context, feed Feed) {
	tick := time.NewTicker(w.Interval)
	defer tick.Stop()
	for ctx.Err() == nil {
		if feed != nil {
			w.Model.Connected(feed.URL())
			w.Model.Disconnected(w.ask(ctx, feed, tick.C))
			feed.Close()
			feed = nil
		}
		if ctx.Err() != nil {
			return
		}
		if feed = w.reconnect(ctx, tick.C); feed == nil {
			w.pause(ctx, tick.C)
		}
	}
	if feed != nil {
		feed.Close()
	}
}

// ask asks on one feed, and blocks until that or ctx ends. It returns why.
func (w *Watch) ask(ctx context.Context, feed Feed, tick <-chan time.Time) error {
	for {
		if err := feed.Ask(); err != nil {
			return err
		}
		w.Model.Asked()
		select {
		case <-ctx.Done():
			return nil
		case <-feed.Done():
			return feed.Err()
		case <-tick:
			w.ticked()
		}
	}
}

func (w *Watch) ticked() {
	w.Model.Tick()
	if w.Ticked != nil {
		w.Ticked()
	}
}

// reconnect makes another feed, and returns nil if that fails. Time goes on meanwhile.
func (w *Watch) reconnect(ctx context.Context, tick <-chan time.Time) (feed Feed) {
	made := make(chan struct{})
	go func() {
		defer close(made)
		f, err := w.Connect(ctx)
		if err != nil {
			w.Model.Disconnected(err)
			return
		}
		feed = f
	}()
	for {
		select {
		case <-made:
			return feed
		case <-tick:
			w.ticked()
		}
	}
}

// pause blocks for retryAfter, or until ctx ends.
func (w *Watch) pause(ctx context.Context, tick <-chan time.Time) {
	over := time.NewTimer(retryAfter)
	defer over.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case <-tick:
			w.ticked()
		}
	}
}
