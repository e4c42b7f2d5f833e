package compact

import (
	"github.com/fedrelay/fedrelay/wire"
)

// targetsMark stands for the targets in the flat text of a request.
var targetsMark = []byte{markTargets}

// AppendRequest appends a compact message that holds r. It borrows r until it returns. Its parts
// must be as Scan finds them.
func (e *Encoder) AppendRequest(dst []byte, r *Request) []byte {
	e.writer.reset()
	e.flat = e.flat[:0]
	whole := []int{len(r.Parts.Targets)}
	groups := r.Groups
	if len(groups) == 0 {
		groups = whole
	}
	targets := texts{r.Parts.Text, r.Parts.Targets[:groups[len(groups)-1]]}
	h := header{kind: KindRequest, messages: len(groups), targets: len(targets.places)}
	w := &e.writer
	w.count(r.Hops)
	w.number(uint64(r.Deadline))
	h.bytes = e.writeRequest(r, groups, targets)
	e.writeGroups(groups)
	if len(targets.places) > 0 {
		e.lister.append(w, targets)
	}
	return e.finish(dst, &h)
}

// writeRequest appends the flat text that the messages share, with a mark in the place of their
// targets, and how long the key of the targets is. It returns the size of all messages.
func (e *Encoder) writeRequest(r *Request, groups []int, targets texts) int {
	p := r.Parts
	p.Targets = nil
	size := e.addFlat(&p)
	bare := len(e.flat)
	if len(targets.places) == 0 {
		e.writer.bytes(e.flat)
		return size * len(groups)
	}
	e.flat = e.flat[:0]
	p.Text, p.Targets = targetsMark, []wire.Span{{Off: 0, Len: 1}}
	e.addFlat(&p)
	key := len(e.flat) - bare - len(`"="]`)
	e.writer.bytes(e.flat)
	e.writer.count(key)
	total := targets.size() + 3*len(targets.places) + size*len(groups)
	from := 0
	for _, to := range groups {
		if to > from {
			total += key
		}
		from = to
	}
	return total
}

// writeGroups appends how many targets each message has.
func (e *Encoder) writeGroups(groups []int) {
	e.numbers = e.numbers[:0]
	from := 0
	for _, to := range groups {
		e.numbers = append(e.numbers, uint64(to-from))
		from = to
	}
	e.writer.column(e.numbers)
}
