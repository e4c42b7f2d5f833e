package floor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// A plan holds the frames for requests of one length, and says which digits of such a request go
// where in the frames.
type plan struct {
	frames   []byte
	pieces   [][]byte    // heads of frames, each followed by the one payload; nil if frames has all
	scratch  net.Buffers // a copy of pieces, which writing consumes
	numbers  []patch
	serial   int      // where it is in the request
	serialTo [][]byte // where it goes
	client   int      // where the number of the client is in the request
	clientTo [][]byte // where it goes; all have the same at the moment
}

type patch struct {
	from int // place in the request
	to   []byte
}

// newPlan decodes a request. Nothing else in this package decodes.
func newPlan(request []byte) (*plan, error) {
	var t struct {
		Headers struct {
			Federation struct{ Target []string }
		}
	}
	if err := json.Unmarshal(request, &t); err != nil {
		return nil, fmt.Errorf("floor: %w", err)
	}
	targets, payload := t.Headers.Federation.Target, append(message.Rewrite(request), "\r\n"...)
	p := &plan{serial: message.SerialAt(request), client: message.ClientAt(request)}
	if len(payload) >= sharedFrom {
		p.share(targets, payload)
	} else {
		p.repeat(targets, payload)
	}
	p.find(request, targets)
	return p, nil
}

// repeat lays a copy of the payload behind each head.
func (p *plan) repeat(targets []string, payload []byte) {
	var heads []int
	for _, target := range targets {
		heads = append(heads, len(p.frames))
		p.frames = wire.AppendPubLine(p.frames, []byte(target), len(payload)-2)
		p.frames = append(p.frames, payload...)
	}
	head := len(p.frames)/len(targets) - len(payload)
	for i, start := range heads {
		p.patchNumber(targets[i], p.frames[start:])
		p.patchPayload(p.frames[start+head:][:len(payload)])
	}
}

// share keeps one payload for all heads.
func (p *plan) share(targets []string, payload []byte) {
	for _, target := range targets {
		head := wire.AppendPubLine(nil, []byte(target), len(payload)-2)
		p.patchNumber(target, head)
		p.pieces = append(p.pieces, head, payload)
	}
	p.patchPayload(payload)
}

func (p *plan) patchPayload(payload []byte) {
	p.serialTo = append(p.serialTo, payload[message.SerialAt(payload):])
	p.clientTo = append(p.clientTo, payload[message.ClientAt(payload):][:numberWidth])
}

func (p *plan) patchNumber(target string, head []byte) {
	if digits := message.NumberAt(target); digits >= 0 {
		p.numbers = append(p.numbers, patch{to: head[wire.PubStartLen(digits):][:numberWidth]})
	}
}

// find notes where in the request the digits of each target are.
func (p *plan) find(request []byte, targets []string) {
	place := bytes.Index(request, []byte(`"target":`))
	for i := range p.numbers {
		place += bytes.Index(request[place:], []byte(targets[i]))
		p.numbers[i].from = place + message.NumberAt(targets[i])
	}
}

// fill copies the digits of a request into the frames.
func (p *plan) fill(request []byte) {
	serial := request[p.serial : p.serial+serialWidth]
	for _, to := range p.serialTo {
		copy(to, serial)
	}
	for _, n := range p.numbers {
		copy(n.to, request[n.from:])
	}
	client := request[p.client : p.client+numberWidth]
	if bytes.Equal(p.clientTo[0], client) {
		return
	}
	for _, to := range p.clientTo {
		copy(to, client)
	}
}

func (p *plan) write(to *bare.Conn) error {
	if p.pieces == nil {
		return to.Write(p.frames)
	}
	p.scratch = append(p.scratch[:0], p.pieces...)
	pieces := p.scratch
	return to.Writev(&pieces)
}

const (
	numberWidth = 6
	serialWidth = 8

	// sharedFrom is the size of payload from which one copy of it for all targets is cheaper. The
	// kernel gathers that copy again and again from the processor's cache, where a buffer with one
	// payload for each target would not fit.
	sharedFrom = 8 << 10
)
