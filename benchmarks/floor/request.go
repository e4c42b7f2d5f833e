package floor

import (
	"github.com/fedrelay/fedrelay/benchmarks/bare"
)

const (
	numberWidth = 6
	serialWidth = 8

	// sharedFrom is the size of payload from which one copy of it for all targets is cheaper. The
	// kernel gathers that copy again and again from the processor's cache, where a buffer with one
	// payload for each target would not fit.
	sharedFrom = 8 << 10
)

// requests is the request path. Owned by the goroutine that reads.
type requests struct {
	to    *bare.Conn
	plans map[int]*plan // by the length of the request
	err   error
}

func (r *requests) carry(m bare.Msg) {
	p := r.plans[len(m.Payload)]
	if p == nil {
		if p, r.err = newPlan(m.Payload); r.err != nil {
			return
		}
		r.plans[len(m.Payload)] = p
	}
	p.fill(m.Payload)
	if err := p.write(r.to); err != nil {
		r.err = err
	}
}
