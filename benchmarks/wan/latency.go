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
	all := make([]*lone, len(rigs))
	for i, r := range rigs {
		r.line.Reshape(line.Shape{})
		e, err := r.echo(ctx, ask)
		if err != nil {
			return err
		}
		all[i] = &lone{rig: r, echo: e}
	}
	for at, one := range replies {
		for turn := range all {
			if err := all[(turn+at)%len(all)].send(ctx, one, at); err != nil {
				return err
			}
		}
	}
	for _, l := range all {
		l.rig.rest(ctx, Cell{})
		c.note(record.Scenario{Name: oneReply, Title: "one reply, no line"}, record.Trial{
			Contestant: l.rig.Name, Round: round, Outcome: record.Outcome{Figures: l.figures()},
		})
	}
	return nil
}

// A lone rig gets one reply after the other.
type lone struct {
	rig    *rig
	echo   echoed
	times  []float64
	before line.Counts
}

// send sends the reply number at.
func (l *lone) send(ctx context.Context, one reply, at int) error {
	if at == unsettled {
		l.before = l.rig.line.Counts()
	}
	took, err := l.rig.single(ctx, one, l.echo)
	if at >= unsettled {
		l.times = append(l.times, took.Seconds()*1e6)
	}
	return err
}

func (l *lone) figures() map[string]float64 {
	moved := l.rig.line.Counts().Since(l.before)
	down := moved.Returned
	if l.rig.relayDials() {
		down = moved.Sent
	}
	return map[string]float64{latency: record.Median(l.times), bytesDown: float64(down) / float64(len(l.times))}
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
