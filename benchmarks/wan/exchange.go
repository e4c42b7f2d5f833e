package wan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// echo asks, and returns what nodes are to repeat. Stock clients ask one node only, to save time:
// they take replies of others, too.
func (r *rig) echo(ctx context.Context, q *request) (e echoed, err error) {
	if !r.library {
		q = newRequest(q.version, q.names[:1])
	}
	r.nodes.expect(q)
	if err := r.client.ask(q); err != nil {
		return e, err
	}
	if _, wrong, err := r.nodes.copies.await(ctx); err != nil || wrong != "" {
		return e, errors.Join(err, fmt.Errorf("a request to %d nodes: %s", len(q.names), wrong), r.dead())
	}
	return <-r.nodes.echoes, nil
}

// awaitWay asks one node until a copy has come, and has it answer until the reply has.
func (r *rig) awaitWay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	names := []string{"probe.example.net"}
	q := newRequest(wire.V1, names)
	r.nodes.expect(q)
	if err := r.until(ctx, &r.nodes.copies, func() error { return r.client.ask(q) }); err != nil {
		return fmt.Errorf("no request passed: %w", err)
	}
	one := newReplies(corpus.Options{Version: wire.V1}, names)
	frames := r.nodes.frames(one, <-r.nodes.echoes)
	r.client.heard().expect(dataOf(one))
	if err := r.until(ctx, r.client.heard(), func() error { return r.nodes.write(frames) }); err != nil {
		return fmt.Errorf("no reply passed: %w", err)
	}
	r.rest(ctx, Cell{})
	return ctx.Err()
}

// until does something again and again until all is there.
func (r *rig) until(ctx context.Context, all *arrivals, do func() error) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := do(); err != nil {
			return err
		}
		select {
		case <-all.done:
			return nil
		case <-tick.C:
			if err := r.dead(); err != nil {
				return err
			}
		case <-ctx.Done():
			return errors.New("not in time")
		}
	}
}

// rest waits until nothing has entered the line for a while: then all is confirmed.
func (r *rig) rest(ctx context.Context, c Cell) {
	pause := time.NewTicker(c.RoundTrip + 100*time.Millisecond)
	defer pause.Stop()
	for before := r.line.Counts(); ctx.Err() == nil; {
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		now := r.line.Counts()
		if now == before {
			return
		}
		before = now
	}
}
