package pipeline

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

// An Egress is what one batch sends through one lane: payloads, each with the subjects that it goes
// to. A publisher reads it, and wire.AppendPub shows how a frame is made of its parts.
type Egress struct {
	Messages []OutgoingMessage
	Received time.Time // of the batch

	*cargo          // one reference
	bytes   int     // of all copies on the wire, approximately
	waiting int     // how many remainders are in the queues of the lane; owned by the lane
	next    *Egress // the one behind it in the queue of the lane
}

// An OutgoingMessage is one payload of an egress and its subjects.
type OutgoingMessage struct {
	payload   wire.Span // in cargo.buffer, but for the part that was left out
	leftOut   wire.Span // in cargo.batchBuffer: the part of the payload that was left out
	leftAt    uint32    // the offset in the payload at which it belongs
	subjects  wire.Span // in cargo.subjects, in entries
	key       wire.Span // in cargo.batchBuffer
	tail      wire.Span // in cargo.buffer: the part of a frame behind its subject
	frame     wire.Span // in cargo.buffer: the frame, if the message goes to one subject
	copyBytes uint32    // bytes of a copy on the wire, on average; of a bundle all of it
	bundled   uint32    // of a bundle: how many copies leave with it
	address   wire.Span // of a bundle, in cargo.batchBuffer: its subject
	mark      uint32
}

// Marked counts copies whose messages have one mark.
type Marked struct{ Mark, Copies uint32 }

// Mark returns what the router has set as Route.Mark, for whoever follows its copies. Of a bundle
// it is that of its messages if they all have one, else 0.
func (m OutgoingMessage) Mark() uint32 { return m.mark }

// Payload returns the bytes of m, which must be whole. The result aliases e.
func (e *Egress) Payload(m OutgoingMessage) []byte { return m.payload.Of(e.buffer.B) }

// Whole reports whether the payload of m is in one place. If it is not, a large part of it is still
// in the buffer that the message was read into. Then m has a frame, in three pieces.
func (m OutgoingMessage) Whole() bool { return m.leftOut.Len == 0 }

// AppendPayload appends a copy of the payload of m, whether m is whole or not.
func (e *Egress) AppendPayload(dst []byte, m OutgoingMessage) []byte {
	payload := m.payload.Of(e.buffer.B)
	dst = slices.Grow(dst, m.Size())
	dst = append(dst, payload[:m.leftAt]...)
	dst = append(dst, m.leftOut.Of(e.batchBuffer.B)...)
	return append(dst, payload[m.leftAt:]...)
}

// Size returns how many bytes the payload of m has.
func (m OutgoingMessage) Size() int { return int(m.payload.Len + m.leftOut.Len) }

// Copies returns how many copies m is: as many as it has subjects, or as leave with a bundle.
func (m OutgoingMessage) Copies() int { return int(m.subjects.Len + m.bundled) }

// Bundle reports whether m is a bundle. It has one subject and a frame, and whatever becomes of the
// frame becomes of all its copies.
func (m OutgoingMessage) Bundle() bool { return m.bundled > 0 }

// Subject returns the i-th subject of m; a bundle has one. The result aliases e.
func (e *Egress) Subject(m OutgoingMessage, i int) []byte {
	if m.Bundle() {
		return m.address.Of(e.batchBuffer.B)
	}
	return e.subjects[int(m.subjects.Off)+i].Of(e.batchBuffer.B)
}

// HasFrame reports whether m has a frame, which it does if its message goes to one subject only,
// over all lanes, and if it is a bundle.
func (m OutgoingMessage) HasFrame() bool { return m.frame.Len > 0 }

// Frame returns the frame of m, which must have one: in one piece, front, if m is whole, else in
// three. The results alias e. The capacity of each piece reaches beyond its end, so that a caller
// can find out whether the next piece lies directly behind it.
func (e *Egress) Frame(m OutgoingMessage) (front, leftOut, back []byte) {
	frame := e.buffer.B[m.frame.Off : m.frame.Off+m.frame.Len]
	if m.Whole() {
		return frame, nil, nil
	}
	at := m.payload.Off + m.leftAt - m.frame.Off
	return frame[:at], m.leftOut.Of(e.batchBuffer.B), frame[at:]
}

// FrameTail returns the part of a frame of m that follows wire.AppendPubStart: the size, the
// payload and their CRLFs. It is the same for all copies of m. The result aliases e.
func (e *Egress) FrameTail(m OutgoingMessage) []byte { return m.tail.Of(e.buffer.B) }

// freeEgress takes ownership of e, and gives back its memory.
func (p *Pipeline) freeEgress(e *Egress) {
	c := e.cargo
	*e = Egress{Messages: recycle(e.Messages)}
	p.spareEgresses.Put(e)
	p.releaseCargo(c)
}

// weigh enters how many bytes the copies of m have on the wire.
func (e *Egress) weigh(m *OutgoingMessage) {
	if m.Bundle() {
		m.copyBytes = m.frame.Len
		e.bytes += int(m.frame.Len)
		return
	}
	n := m.Copies() * (wire.PubLineLen(0, m.Size()) + m.Size() + len(wire.CRLF))
	for _, subject := range e.subjects[m.subjects.Off : m.subjects.Off+m.subjects.Len] {
		n += int(subject.Len)
	}
	m.copyBytes = uint32(n / m.Copies())
	e.bytes += n
}

// bytes returns about how many bytes all copies of m have on the wire.
func (m OutgoingMessage) bytes() int {
	if m.Bundle() {
		return int(m.copyBytes)
	}
	return int(m.copyBytes) * m.Copies()
}

// heavy reports whether e takes turns with others. An egress of up to two turns does not: it is
// written before turns would help anybody.
func (e *Egress) heavy() bool {
	return e.bytes > 2*turnBytes && (len(e.Messages) > 1 || e.Messages[0].subjects.Len > 1)
}

// hashSeed is the random seed of the hashes of keys and subjects. A client must not be able to
// foresee which of them collide.
var hashSeed = maphash.MakeSeed()

// keyHash returns the hash of the key of m. It is equal for equal keys, and hardly ever for
// different ones.
func (e *Egress) keyHash(m OutgoingMessage) uint64 {
	return maphash.Bytes(hashSeed, m.key.Of(e.batchBuffer.B))
}
