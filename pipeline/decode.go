package pipeline

import (
	"sync"

	"github.com/fedrelay/fedrelay/wire"
)

// decode scans the messages of each batch. Its workers run side by side; batches leave in the order they came, each with
// decoded full once its worker is done.
func (p *Pipeline) decode(in <-chan *Batch) <-chan *Batch {
	work := make(chan *Batch, p.Depth)
	out := make(chan *Batch, p.Depth)
	go func() {
		defer close(out)
		defer close(work)
		for b := range in {
			work <- b
			out <- b
		}
	}()
	var workers sync.WaitGroup
	for range p.DecodeWorkers {
		workers.Go(func() {
			for b := range work {
				p.scan(b)
				b.decoded <- struct{}{}
			}
		})
	}
	return out
}

// scan borrows b until it returns.
func (p *Pipeline) scan(b *Batch) {
	for i := range b.Messages {
		m := &b.Messages[i]
		first := len(b.targets)
		b.targets, m.reason = wire.Scan(m.payload.Of(b.Buffer.B), p.Limits, &m.envelope, b.targets)
		if m.reason != wire.OK && p.Normalize {
			b.targets = b.targets[:first]
			p.normalize(b, m)
		}
		m.targets = wire.Span{Off: uint32(first), Len: uint32(len(b.targets) - first)}
	}
}

// normalize reads m again as the incumbent would, from a copy that it puts behind the other messages of b.
func (p *Pipeline) normalize(b *Batch, m *Message) {
	msg, reason := wire.Normalize(m.payload.Of(b.Buffer.B))
	if reason != wire.OK {
		m.reason = reason
		return
	}
	at := len(b.Buffer.B)
	b.Buffer.Grow(len(msg))
	b.Buffer.B = append(b.Buffer.B, msg...)
	m.payload = wire.Span{Off: uint32(at), Len: uint32(len(msg))}
	b.targets, m.reason = wire.ScanNormalized(msg, p.Limits, &m.envelope, b.targets)
}
