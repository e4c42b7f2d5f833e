package pipeline

import (
	"hash/maphash"
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// An Egress is what one batch sends through one lane: payloads, each with the subjects that it goes to.
type Egress struct {
	Messages []OutgoingMessage
	Received time.Time // of the batch

	in       *pool.Buffer // where the subjects are; one reference
	out      *pool.Buffer // where the payloads are; one reference
	subjects []wire.Span  // in in
	bytes    int          // on the wire, about
	shares   int          // that wait for turns; owned by the lane
}

// An OutgoingMessage is one payload of an egress and its subjects.
type OutgoingMessage struct {
	payload  wire.Span // in Egress.out
	subjects wire.Span // in Egress.subjects, in entries
	key      wire.Span // in Egress.in
	tail     wire.Span // in Egress.out: what a frame has behind its subject
	frame    wire.Span // in Egress.out: the whole frame, if there is one subject
	each     uint32    // bytes of a copy on the wire, on average
}

// Payload returns the bytes of m. The result aliases e.
func (e *Egress) Payload(m OutgoingMessage) []byte { return m.payload.Of(e.out.B) }

// Copies is how many subjects m goes to.
func (m OutgoingMessage) Copies() int { return int(m.subjects.Len) }

// bytes is how much m is on the wire, about.
func (m OutgoingMessage) bytes() int { return int(m.each) * m.Copies() }

// Subject returns the i-th subject of m. The result aliases e.
func (e *Egress) Subject(m OutgoingMessage, i int) []byte {
	return e.subjects[int(m.subjects.Off)+i].Of(e.in.B)
}

// Framed tells whether m, which then goes to one subject, stands in the egress as a whole frame (wire.AppendPub).
func (m OutgoingMessage) HasFrame() bool { return m.frame.Len > 0 }

// Frame returns the bytes of m, which is framed, as they travel. Frames of messages side by side may lie side by side: the
// capacity of the result reaches over them. It aliases e.
func (e *Egress) Frame(m OutgoingMessage) []byte {
	return e.out.B[m.frame.Off : m.frame.Off+m.frame.Len]
}

// FrameTail returns what a frame of m has behind its start (wire.AppendPubStart): the size, the payload and what ends them. The result
// aliases e.
func (e *Egress) FrameTail(m OutgoingMessage) []byte { return m.tail.Of(e.out.B) }

// keySeed makes the hashes of keys.
var keySeed = maphash.MakeSeed()

// keyHash is equal for messages whose order matters, and hardly ever for others.
func (e *Egress) keyHash(m OutgoingMessage) uint64 { return maphash.Bytes(keySeed, m.key.Of(e.in.B)) }

// weigh enters what m costs on the wire.
func (e *Egress) weigh(m *OutgoingMessage) {
	n := m.Copies() * (wire.PubLineLen(0, int(m.payload.Len)) + int(m.payload.Len) + len(wire.CRLF))
	for _, subject := range e.subjects[m.subjects.Off : m.subjects.Off+m.subjects.Len] {
		n += int(subject.Len)
	}
	m.each = uint32(n / m.Copies())
	e.bytes += n
}

// heavy tells whether e takes turns with others. One that is little more than a turn is over before that would help.
func (e *Egress) heavy() bool {
	return e.bytes > 2*turnBytes && (len(e.Messages) > 1 || e.Messages[0].Copies() > 1)
}

// frame completes the frame of m, the last message, which begins at the given offset; subject is empty if there are several.
func (e *Egress) frame(m *OutgoingMessage, at int, subject []byte) {
	n := int(m.payload.Len)
	if payload := at + wire.PubLineLen(len(subject), n); payload != int(m.payload.Off) {
		e.move(m, payload)
	}
	wire.AppendPubLine(e.out.B[:at], subject, n)
	e.out.B = append(e.out.B, wire.CRLF...)
	end, tail := len(e.out.B), at+wire.PubStartLen(len(subject))
	m.tail = wire.Span{Off: uint32(tail), Len: uint32(end - tail)}
	if len(subject) > 0 {
		m.frame = wire.Span{Off: uint32(at), Len: uint32(end - at)}
	}
}

// move puts the payload of m, the last message, to another offset.
func (e *Egress) move(m *OutgoingMessage, to int) {
	n := int(m.payload.Len)
	e.out.Grow(max(0, to+n-len(e.out.B)))
	whole := e.out.B[:to+n]
	copy(whole[to:], m.payload.Of(e.out.B))
	e.out.B, m.payload.Off = whole, uint32(to)
}
