package record

import (
	"fmt"
	"slices"
)

// request writes, after flags: Planned (since the request before), Sent (since Planned), targets (how many, then the gaps
// between them), the three counts, marks (how many, then node and What), the copies, the replies.
func (e *encoder) request(r, last *Request, nodes int) {
	flags := flagsOf(r, last)
	e.uvarint(uint64(flags))
	e.varint(int64(r.Planned - last.Planned))
	e.varint(int64(r.Sent - r.Planned))
	if flags&hasTargets != 0 {
		e.targets(r.Targets, nodes)
	}
	e.uvarint(uint64(r.Duplicates))
	e.uvarint(uint64(r.Misdelivered))
	e.uvarint(uint64(r.Late))
	e.marks(r.Marks, nodes)
	want := nodes
	if r.Targets != nil {
		want = len(r.Targets)
	}
	e.latencies(r.Copies, want)
	e.latencies(r.Replies, want)
}

func flagsOf(r, last *Request) (flags int) {
	switch {
	case r.Targets == nil:
	case last.Targets != nil && slices.Equal(r.Targets, last.Targets):
		flags |= sameTargets
	default:
		flags |= hasTargets
	}
	if r.Copies != nil {
		flags |= hasCopies
	}
	if r.Replies != nil {
		flags |= hasReplies
	}
	return flags
}

func (e *encoder) targets(targets []uint32, nodes int) {
	e.uvarint(uint64(len(targets)))
	next := uint32(0)
	for _, t := range targets {
		if t < next || int64(t) >= int64(nodes) {
			e.fail(fmt.Errorf("record: target %d is no node or out of order", t))
			return
		}
		e.uvarint(uint64(t - next))
		next = t + 1
	}
}

func (e *encoder) marks(marks []Mark, nodes int) {
	e.uvarint(uint64(len(marks)))
	for _, m := range marks {
		if int64(m.Node) >= int64(nodes) {
			e.fail(fmt.Errorf("record: a mark for node %d, which does not exist", m.Node))
			return
		}
		e.uvarint(uint64(m.Node))
		e.uvarint(uint64(m.What))
	}
}

func (e *encoder) latencies(column []uint32, want int) {
	if column == nil {
		return
	}
	if len(column) != want {
		e.fail(fmt.Errorf("record: %d latencies for %d targets", len(column), want))
		return
	}
	for _, v := range column {
		e.uvarint(uint64(v))
	}
}
