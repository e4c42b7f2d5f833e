package report

import (
	"cmp"
	"slices"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A fate is the worst that happened to a node. Worse ones are greater. The script of the page uses
// the same numbers.
type fate int

// A node is what became of the requests to one node. Times are microseconds.
type node struct {
	Name                                                         string
	Asked, Replied, Lost, Late, Silent, Duplicated, Misdelivered int64
	sum, Slowest                                                 int64
}

func nodesOf(run *record.Run) []node {
	nodes := make([]node, len(run.Nodes))
	for i, name := range run.Nodes {
		nodes[i].Name = name
	}
	for i := range run.Requests {
		r := &run.Requests[i]
		for k := range targets(run, r) {
			at := k
			if r.Targets != nil {
				at = int(r.Targets[k])
			}
			nodes[at].asked(latency(r.Replies, k))
		}
		for _, m := range r.Marks {
			nodes[m.Node].mark(m.What)
		}
	}
	for i := range nodes {
		n := &nodes[i]
		n.Lost = max(n.Lost-n.Silent-n.Late, 0) // these have counts of their own
	}
	return nodes
}

// worst returns up to limit nodes: those with most faults, then the slowest.
func worst(nodes []node, limit int) []*node {
	all := make([]*node, len(nodes))
	for i := range nodes {
		all[i] = &nodes[i]
	}
	slices.SortStableFunc(all, func(a, b *node) int {
		return cmp.Or(cmp.Compare(b.faults(), a.faults()), cmp.Compare(b.Slowest, a.Slowest))
	})
	return all[:min(limit, len(all))]
}

func (n *node) asked(latency int64) {
	n.Asked++
	if latency < 0 {
		n.Lost++
		return
	}
	n.Replied++
	n.sum += latency
	n.Slowest = max(n.Slowest, latency)
}

func (n *node) mark(what record.What) {
	switch what {
	case record.Duplicated:
		n.Duplicated++
	case record.Misdelivered:
		n.Misdelivered++
	case record.Late:
		n.Late++
	case record.Silent:
		n.Silent++
	}
}

func (n *node) fate() fate {
	switch {
	case n.Misdelivered > 0:
		return fateMisdelivered
	case n.Lost > 0:
		return fateLost
	case n.Duplicated > 0:
		return fateDuplicated
	case n.Late > 0:
		return fateLate
	case n.Silent > 0:
		return fateSilent
	case n.Asked > 0:
		return fateReplied
	}
	return fateIdle
}

// Mean is the mean latency, 0 without replies.
func (n *node) Mean() int64 {
	if n.Replied == 0 {
		return 0
	}
	return n.sum / n.Replied
}

func (n *node) faults() int64 { return n.Lost + n.Late + n.Duplicated + n.Misdelivered }
