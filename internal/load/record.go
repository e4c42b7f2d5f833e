package load

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Record writes down what has been observed so far. Call it after Ask. Of Meta it fills in what it
// knows: when, how long, CPUs, and where the nodes ran. It leaves Cost, Self, Costs and Relay
// empty.
func (g *Generator) Record() *record.Run {
	g.mu.RLock()
	defer g.mu.RUnlock()
	run := &record.Run{
		Meta: record.Meta{
			Started: g.started, Elapsed: g.elapsed(), CPUs: runtime.NumCPU(), InProcess: !g.opts.Elsewhere,
		},
		Nodes:    make([]string, g.opts.Roster.Len()),
		Requests: make([]record.Request, len(g.all)),
	}
	for i := range run.Nodes {
		run.Nodes[i] = g.opts.Roster.Name(i)
	}
	for i, r := range g.all {
		run.Requests[i] = g.recordRequest(r, &run.Totals)
	}
	t := &run.Totals
	t.Requests = int64(len(g.all))
	t.MaxLag = time.Duration(g.maxLag.Load())
	t.Why = g.strain().why()
	t.GeneratorBound = t.Why != ""
	return run
}

// elapsed is the time until the last arrival. If something is missing it is the time until Ask gave
// up waiting.
func (g *Generator) elapsed() time.Duration {
	end := time.Duration(g.lastArrival.Load())
	if g.open.Load() > 0 {
		end = g.waited
	}
	return max(0, end-time.Duration(g.begin.Load()))
}

// recordRequest writes down one request and adds it to the totals.
func (g *Generator) recordRequest(r *request, t *record.Totals) record.Request {
	begin := time.Duration(g.begin.Load())
	recorded := record.Request{
		Planned: r.planned - begin, Sent: r.sent - begin, Targets: r.window.targets(),
		Copies: cells(r.copies), Replies: cells(r.replies),
		Duplicates: r.duplicates.Load(), Misdelivered: r.misdelivered.Load(), Late: r.late.Load(),
	}
	r.mu.Lock()
	recorded.Marks = append(recorded.Marks, r.marks...)
	r.mu.Unlock()
	for i, reply := range recorded.Replies {
		node := r.window.node(i)
		switch {
		case reply != 0:
			t.Replies++
		case r.dice.Silent(node):
			t.Silent++
			recorded.Marks = append(recorded.Marks, record.Mark{Node: uint32(node), What: record.Silent})
		default:
			t.Lost++
		}
	}
	t.Targets += int64(r.window.n)
	t.Delivered += delivered(recorded)
	t.Duplicates += int64(recorded.Duplicates)
	t.Misdelivered += int64(recorded.Misdelivered)
	t.Late += int64(recorded.Late)
	return recorded
}

// cells reads latencies. A reply that came too late has none.
func cells(from []atomic.Uint32) []uint32 {
	if from == nil {
		return nil
	}
	out := make([]uint32, len(from))
	for i := range from {
		if v := from[i].Load(); v != tooLate {
			out[i] = v
		}
	}
	return out
}

// delivered counts copies. Where they are not known, each reply proves one.
func delivered(r record.Request) (n int64) {
	proof := r.Copies
	if proof == nil {
		proof = r.Replies
	}
	for _, v := range proof {
		if v != 0 {
			n++
		}
	}
	return n
}
