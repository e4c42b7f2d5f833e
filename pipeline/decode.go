package pipeline

import (
	"sync"

	"github.com/fedrelay/fedrelay/wire"
)

// decode starts workers that scan the messages of received batches side by side. Batches leave in
// the order in which they came, and may leave before they are scanned. So whoever receives one must
// wait for a token in Batch.decoded.
func (p *Pipeline) decode(received <-chan *Batch) <-chan *Batch {
	work := make(chan *Batch, p.Depth)
	inOrder := make(chan *Batch, p.Depth)
	go func() {
		defer close(inOrder)
		defer close(work)
		for b := range received {
			work <- b
			inOrder <- b
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
	return inOrder
}

// scan notes where the parts of each message are. It borrows b until it returns.
func (p *Pipeline) scan(b *Batch) {
	limits, normalize := b.rules.Limits, b.rules.Normalize
	for i := range b.Messages {
		m := &b.Messages[i]
		if m.reason != wire.OK {
			continue // a compact message that could not be read
		}
		first := len(b.targets)
		b.targets, m.reason = wire.Scan(m.payload.Of(b.Buffer.B), limits, &m.envelope, b.targets)
		if m.reason != wire.OK && normalize {
			b.targets = b.targets[:first]
			p.normalize(b, m)
		}
		m.targets = wire.Span{Off: uint32(first), Len: uint32(len(b.targets) - first)}
	}
}

// normalize scans m, which Scan has rejected, again as the incumbent would read it. It scans a
// normalized copy, which it appends to the buffer of b.
func (p *Pipeline) normalize(b *Batch, m *Message) {
	normalized, reason := wire.Normalize(m.payload.Of(b.Buffer.B))
	if reason != wire.OK {
		m.reason = reason
		return
	}
	offset := len(b.Buffer.B)
	b.Buffer.Grow(len(normalized))
	b.Buffer.B = append(b.Buffer.B, normalized...)
	m.payload = wire.Span{Off: uint32(offset), Len: uint32(len(normalized))}
	b.targets, m.reason = wire.ScanNormalized(normalized, b.rules.Limits, &m.envelope, b.targets)
}
