package wan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/wire"
)

// A phase is one thing that is measured in each cell.
type phase struct {
	name, title string
	request     *request // nil: replies
	replies     []reply
	ask         *request // what the replies answer
	aside       bool     // only measured on the first line
}

// phases are made once for all trials.
func phases(nodes int) (all []*phase) {
	for _, kind := range corpus.Kinds() {
		all = append(all, &phase{
			name: "request-" + string(kind), title: fmt.Sprintf("request of %d B to %d nodes, names %s", payloadSize, nodes, kind),
			request: newRequest(wire.V1, different(kind, nodes)),
		})
	}
	names := corpus.Names(corpus.Sequential, nodes, seed)
	for _, o := range []corpus.Options{{Version: wire.V1}, {Version: wire.V2}, {Version: wire.V2, OwnTokens: true}} {
		p := &phase{
			name: fmt.Sprintf("replies-v%d", o.Version), title: fmt.Sprintf("%d signed replies, version %d", nodes, o.Version),
			replies: newReplies(o, names), ask: newRequest(o.Version, names),
		}
		if o.OwnTokens {
			p.name, p.title, p.aside = ownTokens, p.title+", each node with its own token", true
		}
		all = append(all, p)
	}
	return all
}

// different returns n names of which no two are the same. Random ones are, now and then.
func different(kind corpus.Kind, n int) (names []string) {
	seen := map[string]bool{}
	for _, name := range corpus.Names(kind, n+n/10, seed) {
		if !seen[name] && len(names) < n {
			seen[name], names = true, append(names, name)
		}
	}
	return names
}

// ownTokens is the phase in which nodes have tokens of their own.
const ownTokens = "replies-v2-tokens"

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
	for began := time.Now(); m.again(r, time.Since(began)); {
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
	at := r.client.heard()
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
