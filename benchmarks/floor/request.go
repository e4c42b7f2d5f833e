package floor

import (
	"github.com/fedrelay/fedrelay/benchmarks/bare"
)

const (
	numberWidth = 6
	serialWidth = 8

	// sharedFrom is the size of payload from which it costs less to have the kernel gather one payload again and again, which
	// stays in the processor's cache, than to read a buffer with as many payloads as targets.
	sharedFrom = 8 << 10
)

// requests is the request path. Owned by its reader.
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
