package pipeline

import (
	"hash/maphash"
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// An Egress is what one batch sends through one lane: payloads, each with the subjects that it goes
// to. A publisher reads it, and wire.AppendPub shows how a frame is made of its parts.
type Egress struct {
	Messages []OutgoingMessage
	Received time.Time // of the batch

	batchBuffer *pool.Buffer // that of the batch, where the subjects are; one reference
	buffer      *pool.Buffer // its own, where payloads and frames are; one reference
	subjects    []wire.Span  // of all messages, one after the other, in batchBuffer
	bytes       int          // of all copies on the wire, approximately
	waiting     int          // how many remainders are in the queues of the lane; owned by the lane
}

// An OutgoingMessage is one payload of an egress and its subjects.
type OutgoingMessage struct {
	payload   wire.Span // in Egress.buffer
	subjects  wire.Span // in Egress.subjects, in entries
	key       wire.Span // in Egress.batchBuffer
	tail      wire.Span // in Egress.buffer: the part of a frame behind its subject
	frame     wire.Span // in Egress.buffer: the whole frame, if there is one subject
	copyBytes uint32    // bytes of a copy on the wire, on average
}

// Payload returns the bytes of m. The result aliases e.
func (e *Egress) Payload(m OutgoingMessage) []byte { return m.payload.Of(e.buffer.B) }

// Copies returns how many subjects m goes to.
func (m OutgoingMessage) Copies() int { return int(m.subjects.Len) }

// Subject returns the i-th subject of m. The result aliases e.
func (e *Egress) Subject(m OutgoingMessage, i int) []byte {
	return e.subjects[int(m.subjects.Off)+i].Of(e.batchBuffer.B)
}

// HasFrame reports whether m stands in the egress as a whole frame, which it does if it goes to one
// subject only.
func (m OutgoingMessage) HasFrame() bool { return m.frame.Len > 0 }

// Frame returns the frame of m, which must have one. The result aliases e. Its capacity reaches
// beyond the frame, so that a caller can find out whether the next frame lies directly behind it.
func (e *Egress) Frame(m OutgoingMessage) []byte {
	return e.buffer.B[m.frame.Off : m.frame.Off+m.frame.Len]
}

// FrameTail returns the part of a frame of m that follows wire.AppendPubStart: the size, the
// payload and their CRLFs. It is the same for all copies of m. The result aliases e.
func (e *Egress) FrameTail(m OutgoingMessage) []byte { return m.tail.Of(e.buffer.B) }

// egressFor returns the egress of b for a lane. If there is none yet it makes one, which keeps the
// buffer of b. The i-th message of b is at hand.
func (d *dealer) egressFor(lane int, b *Batch, i int) *Egress {
	if d.egresses[lane] == nil {
		e := d.spareEgresses.Get().(*Egress)
		e.batchBuffer = b.Buffer.Retain()
		e.buffer = d.Pool.Get(b.sizeOnWire(i))
		e.Received = b.Received
		d.egresses[lane] = e
		d.underWay.Add(1)
	}
	return d.egresses[lane]
}

// freeEgress takes ownership of e, and gives back its buffers and other memory.
func (p *Pipeline) freeEgress(e *Egress) {
	e.batchBuffer.Release()
	e.buffer.Release()
	e.batchBuffer, e.buffer, e.bytes = nil, nil, 0
	e.Messages = recycle(e.Messages)
	e.subjects = recycle(e.subjects)
	p.spareEgresses.Put(e)
	p.underWay.Add(-1)
}

// completeFrame writes the rest of the frame around the payload of m, the last message. The frame
// begins at start. subject is empty if m has several subjects, and then only the tail is of use.
func (e *Egress) completeFrame(m *OutgoingMessage, start int, subject []byte) {
	size := int(m.payload.Len)
	if payload := start + wire.PubLineLen(len(subject), size); payload != int(m.payload.Off) {
		e.movePayload(m, payload)
	}
	wire.AppendPubLine(e.buffer.B[:start], subject, size)
	e.buffer.B = append(e.buffer.B, wire.CRLF...)
	end, tail := len(e.buffer.B), start+wire.PubStartLen(len(subject))
	m.tail = wire.Span{Off: uint32(tail), Len: uint32(end - tail)}
	if len(subject) > 0 {
		m.frame = wire.Span{Off: uint32(start), Len: uint32(end - start)}
	}
}

// movePayload moves the payload of m, the last message, to another offset.
func (e *Egress) movePayload(m *OutgoingMessage, to int) {
	size := int(m.payload.Len)
	e.buffer.Grow(max(0, to+size-len(e.buffer.B)))
	whole := e.buffer.B[:to+size]
	copy(whole[to:], m.payload.Of(e.buffer.B))
	e.buffer.B, m.payload.Off = whole, uint32(to)
}

// weigh enters how many bytes the copies of m have on the wire.
func (e *Egress) weigh(m *OutgoingMessage) {
	n := m.Copies() * (wire.PubLineLen(0, int(m.payload.Len)) + int(m.payload.Len) + len(wire.CRLF))
	for _, subject := range e.subjects[m.subjects.Off : m.subjects.Off+m.subjects.Len] {
		n += int(subject.Len)
	}
	m.copyBytes = uint32(n / m.Copies())
	e.bytes += n
}

// bytes returns about how many bytes all copies of m have on the wire.
func (m OutgoingMessage) bytes() int { return int(m.copyBytes) * m.Copies() }

// heavy reports whether e takes turns with others. An egress of up to two turns does not: it is
// written before turns would help anybody.
func (e *Egress) heavy() bool {
	return e.bytes > 2*turnBytes && (len(e.Messages) > 1 || e.Messages[0].Copies() > 1)
}

// keySeed is the random seed of key hashes. A client must not be able to foresee which keys
// collide.
var keySeed = maphash.MakeSeed()

// keyHash returns the hash of the key of m. It is equal for equal keys, and hardly ever for
// different ones.
func (e *Egress) keyHash(m OutgoingMessage) uint64 {
	return maphash.Bytes(keySeed, m.key.Of(e.batchBuffer.B))
}
