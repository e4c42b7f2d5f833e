package pipeline

import (
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A cargo is what the egresses of one batch share, however many lanes they go to: payloads, each
// laid out once, and subjects. Only the dealer adds to it. Once the egresses are sent it is
// read-only, and belongs to all of them.
type cargo struct {
	owners      atomic.Int32 // egresses that are sent and not published
	batchBuffer *pool.Buffer // that of the batch, where subjects and keys are; one reference
	buffer      *pool.Buffer // its own, where payloads and frames are
	subjects    []wire.Span  // of all messages, one after the other, in batchBuffer
	received    time.Time    // of the batch
}

// newCargo returns a cargo for the i-th message of b and those behind it. It keeps the buffer of b.
func (p *Pipeline) newCargo(b *Batch, i int) *cargo {
	c := p.spareCargos.Get().(*cargo)
	c.batchBuffer = b.Buffer.Retain()
	c.buffer = p.Pool.Get(b.sizeOnWire(i))
	c.received = b.Received
	p.underWay.Add(1)
	return c
}

// releaseCargo takes one owner of c away. The last one's gives back buffers and other memory.
func (p *Pipeline) releaseCargo(c *cargo) {
	if c.owners.Add(-1) > 0 {
		return
	}
	c.batchBuffer.Release()
	c.buffer.Release()
	c.batchBuffer, c.buffer = nil, nil
	c.subjects = recycle(c.subjects)
	p.spareCargos.Put(c)
	p.underWay.Add(-1)
}

// completeFrame writes the rest of the frame around the payload of m, the last message. The frame
// begins at start. subject is empty if m has several subjects, and then only the tail is of use.
func (c *cargo) completeFrame(m *OutgoingMessage, start int, subject []byte) {
	size := m.Size()
	if payload := start + wire.PubLineLen(len(subject), size); payload != int(m.payload.Off) {
		c.movePayload(m, payload)
	}
	wire.AppendPubLine(c.buffer.B[:start], subject, size)
	c.buffer.B = append(c.buffer.B, wire.CRLF...)
	end, tail := len(c.buffer.B), start+wire.PubStartLen(len(subject))
	m.tail = wire.Span{Off: uint32(tail), Len: uint32(end - tail)}
	if len(subject) > 0 {
		m.frame = wire.Span{Off: uint32(start), Len: uint32(end - start)}
	}
}

// movePayload moves the payload of m, the last message, to another offset.
func (c *cargo) movePayload(m *OutgoingMessage, to int) {
	size := int(m.payload.Len)
	c.buffer.Grow(max(0, to+size-len(c.buffer.B)))
	whole := c.buffer.B[:to+size]
	copy(whole[to:], m.payload.Of(c.buffer.B))
	c.buffer.B, m.payload.Off = whole, uint32(to)
}
