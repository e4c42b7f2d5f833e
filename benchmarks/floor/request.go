package floor

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
)

const (
	numberWidth = 6
	serialWidth = 8
)

// requests is the request path. Owned by its reader.
type requests struct {
	to    *bare.Conn
	plans map[int]*plan // by the length of the request
	err   error
}

// A plan holds the frames of one kind of request, and where in the request the digits are that go where in the frames.
type plan struct {
	frames   []byte
	patches  []patch
	serial   int   // in the request
	serialTo []int // in frames
}

type patch struct{ from, to int }

func (r *requests) carry(m bare.Msg) {
	p := r.plans[len(m.Payload)]
	if p == nil {
		if p, r.err = newPlan(m.Payload); r.err != nil {
			return
		}
		r.plans[len(m.Payload)] = p
	}
	p.fill(m.Payload)
	if err := r.to.Write(p.frames); err != nil {
		r.err = err
	}
}

func (p *plan) fill(request []byte) {
	serial := request[p.serial : p.serial+serialWidth]
	for _, to := range p.serialTo {
		copy(p.frames[to:], serial)
	}
	for _, d := range p.patches {
		copy(p.frames[d.to:d.to+numberWidth], request[d.from:d.from+numberWidth])
	}
}

// newPlan is the one place that decodes.
func newPlan(request []byte) (*plan, error) {
	var t struct {
		Headers struct {
			Federation struct{ Target []string }
		}
	}
	if err := json.Unmarshal(request, &t); err != nil {
		return nil, fmt.Errorf("floor: %w", err)
	}
	p := &plan{serial: message.SerialAt(request)}
	payload := message.Rewrite(request)
	at := bytes.Index(request, []byte(`"target":`))
	for _, target := range t.Headers.Federation.Target {
		at += bytes.Index(request[at:], []byte(target))
		head := len(p.frames)
		p.frames = bare.AppendHead(p.frames, target, len(payload))
		if digits := message.NumberAt(target); digits >= 0 {
			p.patches = append(p.patches, patch{at + digits, head + len("PUB ") + digits})
		}
		p.serialTo = append(p.serialTo, len(p.frames)+message.SerialAt(payload))
		p.frames = append(append(p.frames, payload...), "\r\n"...)
		at += len(target)
	}
	return p, nil
}
