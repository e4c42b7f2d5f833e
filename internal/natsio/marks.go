package natsio

import (
	"slices"

	"github.com/fedrelay/fedrelay/pipeline"
)

// marks are the marks of the copies in doubt of an outbox, in the order in which they were written.
// Their sum is all copies in doubt. outbox.mu guards them.
type marks struct {
	all    []pipeline.Marked
	head   int               // those before it are settled
	denied []pipeline.Marked // kept for its memory
}

// maxMarks is the largest capacity of marks.all that is kept when nothing is in doubt.
const maxMarks = 8192

// note enters n copies of e that have been written, from the given place on.
func (q *marks) note(e *pipeline.Egress, from cursor, n int) {
	for n > 0 {
		m := e.Messages[from.message]
		copies := min(n, m.Copies()-from.copy)
		if last := len(q.all) - 1; last >= q.head && q.all[last].Mark == m.Mark() {
			q.all[last].Copies += uint32(copies)
		} else {
			q.all = append(q.all, pipeline.Marked{Mark: m.Mark(), Copies: uint32(copies)})
		}
		n -= copies
		from.advance(e, copies)
	}
}

// take calls settled with the marks of the first n copies, and forgets them. Copies of bundles that
// were denied are told apart.
func (q *marks) take(n int, f pipeline.Fate, b *bundles, settled func(pipeline.Fate, []pipeline.Marked)) {
	end, left := q.head, uint32(n)
	for end < len(q.all) && left >= q.all[end].Copies {
		left -= q.all[end].Copies
		end++
	}
	rest := uint32(0)
	if left > 0 && end < len(q.all) {
		rest = q.all[end].Copies - left
		q.all[end].Copies = left
		end++
	}
	if all := q.all[q.head:end]; len(all) > 0 {
		q.denied = b.takeDenied(q.denied[:0], all)
		settled(f, all)
		if len(q.denied) > 0 {
			settled(pipeline.Denied, q.denied)
		}
	}
	if rest > 0 {
		end--
		q.all[end].Copies = rest
	}
	q.head = end
	q.recycle()
}

// recycle moves what is left to the front, now and then.
func (q *marks) recycle() {
	switch {
	case q.head == len(q.all) && cap(q.all) > maxMarks:
		*q = marks{denied: q.denied}
	case q.head > len(q.all)/2:
		q.all = slices.Delete(q.all, 0, q.head)
		q.head = 0
	}
}

// settleMarks tells of the fate of the first n copies in doubt, where anybody wants to know. mu is
// held.
func (o *outbox) settleMarks(f pipeline.Fate, n int) {
	if settled := o.publisher.cfg.Settled; settled != nil && n > 0 {
		o.marks.take(n, f, &o.bundles, settled)
	}
}
