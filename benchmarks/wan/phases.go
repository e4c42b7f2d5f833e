package wan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/wire"
)

// A phase is one thing that is measured in each cell.
type phase struct {
	name, title string
	request     *request // nil: replies
	replies     []reply
	ask         *request // of the replies: to a single node, so that there is something to answer
}

// phases are made once for all trials.
func phases(nodes int) (all []*phase) {
	body := payload(payloadSize)
	for _, kind := range nameKinds {
		all = append(all, &phase{
			name: "request-" + kind.name, title: fmt.Sprintf("request of %d B to %d nodes, names %s", payloadSize, nodes, kind.name),
			request: newRequest(wire.V1, kind.make(nodes), body),
		})
	}
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		all = append(all, &phase{
			name: fmt.Sprintf("replies-v%d", v), title: fmt.Sprintf("%d signed replies v%d", nodes, v),
			replies: newReplies(v, nodes), ask: newRequest(v, nameKinds[0].make(1), body),
		})
	}
	return all
}

func (p *phase) count() int {
	if p.request != nil {
		return len(p.request.targets)
	}
	return len(p.replies)
}

// run does the phase once or more, and returns its figures.
func (p *phase) run(ctx context.Context, r *rig, c Cell) (o record.Outcome, err error) {
	var frames [][]byte
	if p.request == nil {
		e, err := r.echo(ctx, p.ask)
		if err != nil {
			return o, err
		}
		frames = r.nodes.frames(p.replies, e)
	}
	r.rest(ctx, c)
	m := measure{before: r.read()}
	for began := time.Now(); m.again(r.setup, time.Since(began)); {
		took, wrong, err := p.once(ctx, r, frames)
		if err != nil {
			return o, errors.Join(err, r.dead())
		}
		if wrong != "" {
			o.Invalid = wrong
		}
		m.times = append(m.times, took.Seconds()*1000)
	}
	r.rest(ctx, c)
	o.Figures = m.figures(r, p.count())
	return o, nil
}

// once returns how long the last copy or reply took.
func (p *phase) once(ctx context.Context, r *rig, frames [][]byte) (took time.Duration, wrong string, err error) {
	at := &r.client.replies
	if p.request != nil {
		at = &r.nodes.copies
		r.nodes.expect(p.request)
	} else {
		at.expect(dataOf(p.replies))
	}
	began := time.Now()
	if p.request != nil {
		err = r.client.ask(p.request)
	} else {
		err = r.nodes.write(frames)
	}
	if err != nil {
		return 0, "", err
	}
	last, wrong, err := at.await(ctx)
	return last.Sub(began), wrong, err
}

func dataOf(replies []reply) (all [][]byte) {
	for _, r := range replies {
		all = append(all, r.parts.Data)
	}
	return all
}

// echo asks one node, and returns what it is to repeat.
func (r *rig) echo(ctx context.Context, q *request) (e echoed, err error) {
	r.nodes.expect(q)
	if err := r.client.ask(q); err != nil {
		return e, err
	}
	if _, wrong, err := r.nodes.copies.await(ctx); err != nil || wrong != "" {
		return e, errors.Join(err, fmt.Errorf("a request to one node: %s", wrong), r.dead())
	}
	return <-r.nodes.echoes, nil
}

// awaitWay asks one node until a copy has come, and has it answer until the reply has.
func (r *rig) awaitWay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	q := newRequest(wire.V1, []string{"probe.example.net"}, []byte("anybody there?"))
	r.nodes.expect(q)
	if err := r.until(ctx, &r.nodes.copies, func() error { return r.client.ask(q) }); err != nil {
		return fmt.Errorf("no request passed: %w", err)
	}
	one := newReplies(wire.V1, 1)
	frames := r.nodes.frames(one, <-r.nodes.echoes)
	r.client.replies.expect(dataOf(one))
	if err := r.until(ctx, &r.client.replies, func() error { return r.nodes.write(frames) }); err != nil {
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
