package wan

import (
	"context"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/wire"
)

const (
	oneReply  = "short/one-reply" // name of the scenario
	singles   = 600               // replies that are measured, one after the other
	unsettled = 100               // and such that come first and do not count
)

// latencies measures single replies on a line without length. Contestants take turns reply by
// reply.
func (c *contest) latencies(ctx context.Context, round int, rigs []*rig) error {
	c.tell(fmt.Sprintf("round %d of %d  single replies", round, c.setup.Rounds))
	n := singles
	if c.setup.Quick {
		n = 10
	}
	names := corpus.Names(corpus.Sequential, unsettled+n, seed)
	replies, ask := newReplies(corpus.Options{Version: wire.V1}, names), newRequest(wire.V1, names)
	echoes, times := make([]echoed, len(rigs)), make([][]float64, len(rigs))
	for i, r := range rigs {
		var err error
		r.line.Reshape(line.Shape{})
		if echoes[i], err = r.echo(ctx, ask); err != nil {
			return err
		}
	}
	for at, one := range replies {
		for turn := range rigs {
			i := (turn + at) % len(rigs)
			took, err := rigs[i].single(ctx, one, echoes[i])
			if err != nil {
				return err
			}
			if at >= unsettled {
				times[i] = append(times[i], took.Seconds()*1e6)
			}
		}
	}
	for i, r := range rigs {
		c.note(record.Scenario{Name: oneReply, Title: "one reply, no line"}, record.Trial{
			Contestant: r.Name, Round: round, Outcome: record.Outcome{Figures: map[string]float64{latency: record.Median(times[i])}},
		})
	}
	return nil
}

// single has one node send a reply.
func (r *rig) single(ctx context.Context, one reply, e echoed) (time.Duration, error) {
	frames := r.nodes.frames([]reply{one}, e)[:1]
	r.client.heard().expect([][]byte{one.parts.Data})
	began := time.Now()
	if err := r.nodes.write(frames); err != nil {
		return 0, err
	}
	last, wrong, err := r.client.heard().await(ctx)
	if err == nil && wrong != "" {
		err = fmt.Errorf("%s: a single reply: %s", r.Name, wrong)
	}
	return last.Sub(began), err
}
