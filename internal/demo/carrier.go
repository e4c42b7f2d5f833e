package demo

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
)

// readyTimeout is how long a relay may take to connect to two servers next door.
const readyTimeout = 10 * time.Second

// carrier is a relay, as far as the demo is concerned.
type carrier interface {
	// Run carries until ctx ends, drains and returns.
	Run(ctx context.Context) error
	// State may be called at any time, also after Run.
	State() State
}

// newRelay makes a carrier that has not begun to run.
type newRelay func(config.Config, *slog.Logger) (carrier, error)

// State is what a relay says of itself.
type State struct {
	NotReady []string // reasons; empty: carries messages
	Books    Books
}

// Books are the totals of one relay's ledgers.
type Books struct {
	Cluster string `json:"cluster"`
	// Requests were received, Copies are their targets, and of those the server confirmed so many.
	Requests        int64 `json:"requests"`
	Copies          int64 `json:"copies"`
	CopiesConfirmed int64 `json:"copies_confirmed"`
	// Replies were received, and of those the server confirmed so many.
	Replies          int64 `json:"replies"`
	RepliesConfirmed int64 `json:"replies_confirmed"`
	// Rejected messages of both paths. IngestDropped were lost in front of the relay.
	Rejected      int64 `json:"rejected"`
	IngestDropped int64 `json:"ingest_dropped"`
	// Unaccounted messages and copies have no fate although the relay is at rest.
	Unaccounted int64 `json:"unaccounted"`
}

// running is a carrier and its Run.
type running struct {
	carrier
	stop  context.CancelFunc
	ended chan error // gets the result of Run, once
}

func startRelay(relay newRelay, c config.Config, log *slog.Logger) (*running, error) {
	made, err := relay(c, log)
	if err != nil {
		return nil, fmt.Errorf("relay %s: %w", c.Cluster, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{carrier: made, stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- made.Run(ctx) }()
	return r, nil
}

func settings(cluster, federation, collective string) config.Config {
	c := config.Default()
	c.Cluster = cluster
	c.Identity = "relay1." + cluster + ".example.net"
	c.Federation.Servers = []string{federation}
	c.Collective.Servers = []string{collective}
	c.HTTP.Listen = "off"
	c.Drain.Replies = 100 * time.Millisecond // the client has waited for them already
	return c
}

// ready waits until the relay carries messages.
func (r *running) ready(ctx context.Context) error {
	deadline := time.NewTimer(readyTimeout)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		state := r.State()
		if len(state.NotReady) == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case err := <-r.ended:
			r.ended <- err
			return fmt.Errorf("relay %s ended early: %w", state.Books.Cluster, err)
		case <-deadline.C:
			return fmt.Errorf("relay %s is not ready: %s",
				state.Books.Cluster, strings.Join(state.NotReady, ", "))
		}
	}
}

// drain stops the relay in good order and waits for it. Twice is harmless.
func (r *running) drain() error {
	r.stop()
	err := <-r.ended
	r.ended <- err
	return err
}
