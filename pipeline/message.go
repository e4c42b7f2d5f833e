package pipeline

import (
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A Batch is what one look at a source brought: the bytes of its messages in one buffer, and what decode made of them.
type Batch struct {
	// Set by the source.
	In       *pool.Buffer // the bytes; the batch owns one reference
	Messages []Message
	Origin   string    // URL of the server that the messages came from, for traces
	Received time.Time // when its first message arrived; starts the time to live of the copies made of it

	// Set by decode.
	targets []wire.Span // of all messages, one after the other
	decoded chan struct{}
}

// Add appends a copy of payload as a message. Only the source calls it, while it fills the batch.
func (b *Batch) Add(payload []byte) {
	at := len(b.In.B)
	b.In.B = append(b.In.B, payload...)
	b.Messages = append(b.Messages, Message{payload: wire.Span{Off: uint32(at), Len: uint32(len(payload))}})
}

// A Message is one message of a batch.
type Message struct {
	payload  wire.Span // in Batch.In
	targets  wire.Span // in Batch.targets, in entries
	envelope wire.Envelope
	reason   wire.Reason // why it is dropped; OK if it is not
}

// An Egress is what one batch sends through one lane: payloads, each with the subjects that it goes to.
type Egress struct {
	Messages []Outgoing
	Received time.Time // of the batch

	in       *pool.Buffer // where the subjects are; one reference
	out      *pool.Buffer // where the payloads are; one reference
	subjects []wire.Span  // in in
}

// An Outgoing is one payload of an egress and its subjects.
type Outgoing struct {
	payload  wire.Span // in Egress.out
	subjects wire.Span // in Egress.subjects, in entries
}

// Payload returns the bytes of m. The result aliases e.
func (e *Egress) Payload(m Outgoing) []byte { return m.payload.Of(e.out.B) }

// Copies is how many subjects m goes to.
func (m Outgoing) Copies() int { return int(m.subjects.Len) }

// Subject returns the i-th subject of m. The result aliases e.
func (e *Egress) Subject(m Outgoing, i int) []byte {
	return e.subjects[int(m.subjects.Off)+i].Of(e.in.B)
}
