package observe

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/service"
)

// A Feed is a connection that can ask. It hears answers for the Model that it was made for.
type Feed interface {
	// Ask asks all clusters, and does not wait.
	Ask() error
	// Done is closed when the connection has ended; Err says why.
	Done() <-chan struct{}
	Err() error
	URL() string
	// Members returns the members of the queue group of a cluster. It blocks for some time.
	Members(ctx context.Context, cluster string) ([]service.Member, error)
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
	// Catch is deferred in each goroutine of the watch, if it is set.
	Catch func()
}

// retryAfter is how long a Watch waits before it connects again.
const retryAfter = time.Second

// Run asks on a feed, and connects again when that has ended, until ctx ends. It takes ownership of
// feed.
func (w *Watch) Run(ctx context.Context, feed Feed) {
	tick := time.NewTicker(w.Interval)
	defer tick.Stop()
	for ctx.Err() == nil {
		if feed != nil {
			w.Model.Connected(feed.URL())
			w.use(ctx, feed, tick.C)
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

// use asks on one feed until that ends, and closes it.
func (w *Watch) use(ctx context.Context, feed Feed, tick <-chan time.Time) {
	ctx, stop := context.WithCancel(ctx)
	var counting sync.WaitGroup
	counting.Go(func() {
		if w.Catch != nil {
			defer w.Catch()
		}
		w.countGroups(ctx, feed)
	})
	err := w.ask(ctx, feed, tick)
	stop()
	counting.Wait()
	w.Model.Disconnected(err)
	feed.Close()
}

// groupsEvery is how often the members of queue groups are asked for.
const groupsEvery = 20 * time.Second

// countGroups asks again and again who is in the queue groups, until ctx ends. Where the first
// question fails, because the login or the server does not let it, it is not tried again.
func (w *Watch) countGroups(ctx context.Context, feed Feed) {
	tick := time.NewTicker(groupsEvery)
	defer tick.Stop()
	clusters := w.Model.names()
	told := map[string]bool{} // by cluster
	for len(clusters) > 0 {
		clusters = slices.DeleteFunc(clusters, func(c string) bool {
			members, err := feed.Members(ctx, c)
			w.Model.HearGroup(c, members) // after an error it is not known, and nobody waits for it
			told[c] = told[c] || err == nil
			return !told[c]
		})
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
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
			w.Model.Tick()
		}
	}
}

// reconnect makes another feed, and returns nil if that fails. Time goes on meanwhile.
func (w *Watch) reconnect(ctx context.Context, tick <-chan time.Time) (feed Feed) {
	made := make(chan struct{})
	go func() {
		if w.Catch != nil {
			defer w.Catch()
		}
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
			w.Model.Tick()
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
			w.Model.Tick()
		}
	}
}
