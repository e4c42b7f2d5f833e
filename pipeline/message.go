package pipeline

import (
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A Batch is what one look at a source brought: the bytes of its messages in one buffer, and what decode made of them.
type Batch struct {
	// Set by the source.
	Buffer      *pool.Buffer // the bytes; the batch owns one reference
	Messages    []Message
	Origin      string    // URL of the server that the messages came from, for traces
	Received    time.Time // when its first message arrived; starts the time to live of the copies made of it
	MoreWaiting bool      // more is waiting: the source would rather go on reading than carry this batch itself

	// Set by decode.
	targets []wire.Span // of all messages, one after the other

	decoded chan struct{} // lent by the pipeline while b is on its way to fan-out
}

var batches = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch without a buffer. It ends with Line.Take or with Free.
func NewBatch() *Batch { return batches.Get().(*Batch) }

// Add appends a copy of payload as a message. Only the source calls it, while it fills the batch.
func (b *Batch) Add(payload []byte) {
	at := len(b.Buffer.B)
	b.Buffer.Grow(len(payload))
	b.Buffer.B = append(b.Buffer.B, payload...)
	b.AddInPlace(at, len(payload))
}

// AddInPlace makes the n bytes at off of the buffer that is or will be b's a message. Only the source calls it.
func (b *Batch) AddInPlace(off, n int) {
	b.Messages = append(b.Messages, Message{payload: wire.Span{Off: uint32(off), Len: uint32(n)}})
}

// Payload returns the bytes of the i-th message. The result aliases b.
func (b *Batch) Payload(i int) []byte { return b.Messages[i].payload.Of(b.Buffer.B) }

// overhead is what a message has on the wire besides its payload, about: a line in front, a hop.
const overhead = 96

// outgoing is how many bytes the i-th message and those behind it make on the wire, each payload once, about. A request to
// several nodes counts alone: it may leave without the others.
func (b *Batch) outgoing(i int) (n int) {
	for ; i < len(b.Messages); i++ {
		m := &b.Messages[i]
		if m.targets.Len > 1 {
			first, last := b.targets[m.targets.Off], b.targets[m.targets.Off+m.targets.Len-1]
			return n + overhead + int(m.payload.Len) - int(last.Off-first.Off)
		}
		n += int(m.payload.Len) + overhead
	}
	return n
}

// Free takes ownership of b and gives back what it holds.
func (b *Batch) Free() {
	if b.Buffer != nil {
		b.Buffer.Release()
		b.Buffer = nil
	}
	b.Origin, b.MoreWaiting = "", false
	b.Messages = recycle(b.Messages)
	b.targets = recycle(b.targets)
	batches.Put(b)
}

// maxRecycled is the longest slice, in entries, that waits for its next use: one request with all targets allowed must
// not keep its memory for ever.
const maxRecycled = 8192

func recycle[T any](s []T) []T {
	if cap(s) > maxRecycled {
		return nil
	}
	return s[:0]
}

// A Message is one message of a batch.
type Message struct {
	payload  wire.Span // in Batch.Buffer
	targets  wire.Span // in Batch.targets, in entries
	envelope wire.Envelope
	reason   wire.Reason // why it is dropped; OK if it is not
}
