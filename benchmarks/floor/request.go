package floor

import (
	"github.com/fedrelay/fedrelay/benchmarks/bare"
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
