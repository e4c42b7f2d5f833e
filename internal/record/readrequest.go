package record

import (
	"math"
	"time"
)

func (d *decoder) requests(n, nodes int) []Request {
	requests := grown[Request](int64(n))
	var last Request
	for len(requests) < n && d.err == nil {
		last = d.request(&last, int64(nodes))
		requests = append(requests, last)
	}
	return requests
}

// request reads what writeRequest wrote. Requests with the same targets share one list.
func (d *decoder) request(last *Request, nodes int64) (r Request) {
	flags := d.number(allFlags)
	r.Planned = last.Planned + time.Duration(d.varint())
	r.Sent = r.Planned + time.Duration(d.varint())
	switch {
	case flags&hasTargets != 0:
		r.Targets = d.targets(nodes)
	case flags&sameTargets != 0:
		r.Targets = last.Targets
	}
	r.Duplicates, r.Misdelivered, r.Late = d.uint32(), d.uint32(), d.uint32()
	r.Marks = d.marks(nodes)
	want := nodes
	if r.Targets != nil {
		want = int64(len(r.Targets))
	}
	if flags&hasCopies != 0 {
		r.Copies = d.latencies(want)
	}
	if flags&hasReplies != 0 {
		r.Replies = d.latencies(want)
	}
	return r
}

func (d *decoder) targets(nodes int64) []uint32 {
	n := d.number(nodes)
	targets := grown[uint32](n)
	next := int64(0)
	for range n {
		at := next + d.number(nodes-1-next)
		if d.err != nil {
			return nil
		}
		targets = append(targets, uint32(at))
		next = at + 1
	}
	return targets
}

func (d *decoder) marks(nodes int64) []Mark {
	n := d.number(math.MaxInt32)
	if n == 0 {
		return nil
	}
	marks := grown[Mark](n)
	for range n {
		node, what := d.number(nodes-1), d.number(math.MaxUint8)
		if d.err != nil {
			return nil
		}
		marks = append(marks, Mark{uint32(node), What(what)})
	}
	return marks
}

func (d *decoder) latencies(n int64) []uint32 {
	column := grown[uint32](n)
	for range n {
		column = append(column, d.uint32())
		if d.err != nil {
			return nil
		}
	}
	return column
}
