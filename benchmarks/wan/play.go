package wan

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/record"
)

func (p *phase) count() int {
	if p.request != nil {
		return len(p.request.targets)
	}
	return len(p.replies)
}

// run does the phase once or more, and returns its figures.
func (p *phase) run(ctx context.Context, r *rig, c Cell) (o record.Outcome, err error) {
	var steps [][][]byte
	if p.request == nil {
		e, err := r.echo(ctx, p.ask)
		if err != nil {
			return o, err
		}
		steps = p.steps(r.nodes, e)
	}
	r.rest(ctx, c)
	m := measure{before: r.read()}
	for began := time.Now(); m.again(r, time.Since(began)); {
		took, wrong, err := p.once(ctx, r, steps)
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
	if l, ok := r.client.(*library); ok && p.request == nil {
		o.Figures[perBundle] = float64(len(p.replies)) / float64(max(1, l.end()))
	}
	return o, nil
}

// once returns how long the last copy or reply took.
func (p *phase) once(ctx context.Context, r *rig, steps [][][]byte) (took time.Duration, wrong string, err error) {
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
		err = p.answer(r.nodes, began, steps)
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

// steps are the frames that the nodes write one after the other.
func (p *phase) steps(nodes *crowd, e echoed) (all [][][]byte) {
	size := len(p.replies)
	if p.over > 0 {
		size = max(1, size*int(step/time.Microsecond)/int(p.over/time.Microsecond))
	}
	for some := range slices.Chunk(p.replies, size) {
		all = append(all, nodes.frames(some, e))
	}
	return all
}

// step is between two of them.
const step = time.Millisecond

func (p *phase) answer(nodes *crowd, began time.Time, steps [][][]byte) error {
	for i, frames := range steps {
		line.NapUntil(began.Add(time.Duration(i) * step))
		if err := nodes.write(frames); err != nil {
			return err
		}
	}
	return nil
}
