package pipeline_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A copied is one publish.
type copied struct{ subject, payload string }

// frameOf is what travels for c.
func frameOf(c copied) []byte {
	return wire.AppendPub(nil, []byte(c.subject), []byte(c.payload))
}

// A memoryPublisher keeps what is published and confirms it. With a gate, each call receives from
// that first.
type memoryPublisher struct {
	ledger *pipeline.Ledger
	gate   chan struct{}
	called func(e *pipeline.Egress) // at the start of each call; may be nil
	prompt func() bool              // Prompt; nil: never

	terse bool // keep the calls, but not the copies

	mu    sync.Mutex // held during calls: they come one after the other
	seen  []copied
	when  []int64 // of each in seen
	calls []served
	wrong []string // what no publisher should see
	gaps  int      // between frames of one call

	leftOut int // bytes of payloads that were not copied
}

// now counts copies, of all publishers.
var now atomic.Int64

// A served is one call of Publish.
type served struct {
	client string // of the last message
	copies int
	bytes  int // on the wire
	last   int // of its last copy
}

func (p *memoryPublisher) Publish(e *pipeline.Egress) {
	if !p.mu.TryLock() {
		panic("a call of Publish while another is under way")
	}
	defer p.mu.Unlock()
	if p.called != nil {
		p.called(e)
	}
	if p.gate != nil {
		<-p.gate
	}
	wrong, gaps := wrongFrames(e)
	p.wrong, p.gaps = append(p.wrong, wrong...), p.gaps+gaps
	var call served
	for _, m := range e.Messages {
		call.add(e, m)
		if !p.terse {
			p.keep(e, m)
		}
		if !m.Whole() {
			_, part, _ := e.Frame(m)
			p.leftOut += len(part)
		}
		p.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
	p.calls = append(p.calls, call)
}

func (p *memoryPublisher) Prompt(int) bool { return p.prompt != nil && p.prompt() }

func (p *memoryPublisher) keep(e *pipeline.Egress, m pipeline.OutgoingMessage) {
	payload := string(e.AppendPayload(nil, m))
	for i := range m.Copies() {
		p.seen = append(p.seen, copied{string(e.Subject(m, i)), payload})
		p.when = append(p.when, now.Add(1))
	}
}

func (c *served) add(e *pipeline.Egress, m pipeline.OutgoingMessage) {
	n := m.Size()
	c.client = clientOf(e.AppendPayload(nil, m))
	c.copies += m.Copies()
	for i := range m.Copies() {
		c.last = wire.PubLineLen(len(e.Subject(m, i)), n) + n + len(wire.CRLF)
		c.bytes += c.last
	}
}

// wrongFrames returns what is wrong with the frames of e. Each message to one subject must have
// one, as NATS wants it, and no other message may. gaps is how many do not begin where the one
// before ends.
func wrongFrames(e *pipeline.Egress) (wrong []string, gaps int) {
	var before []byte
	for i, m := range e.Messages {
		if !m.HasFrame() {
			before = nil
			continue
		}
		payload := e.AppendPayload(nil, m)
		front, leftOut, back := e.Frame(m)
		frame := slices.Concat(front, leftOut, back)
		want := frameOf(copied{string(e.Subject(m, 0)), string(payload)})
		if m.Copies() != 1 && !m.Bundle() || !bytes.Equal(frame, want) {
			wrong = append(wrong, fmt.Sprintf("message %d has %d copies and the frame %.99q, want %.99q", i, m.Copies(), frame, want))
		}
		if before != nil && !sideBySide(before, front) {
			gaps++
		}
		if before = front; back != nil {
			before = back
		}
	}
	return wrong, gaps
}

// sideBySide reports whether b begins where a ends.
func sideBySide(a, b []byte) bool {
	n := len(a)
	return cap(a) > n && &a[:n+1][n] == &b[0]
}
