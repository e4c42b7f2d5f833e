package pipeline

import (
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A Batch is the messages that one read of a source brought: their bytes in one buffer, and what
// decode made of them.
type Batch struct {
	// Set by the source.
	Buffer   *pool.Buffer // the bytes; the batch owns one reference
	Messages []Message
	Origin   string    // URL of the server that the messages came from, for traces
	Received time.Time // when the first message arrived; the time to live of its copies begins here
	// MoreWaiting says that the source has more: it would rather go on reading than carry this
	// batch.
	MoreWaiting bool

	// Set by decode.
	targets []wire.Span // of all messages, one after the other

	// Lent by the pipeline while b is on its way to fan-out; full when decode is done with b.
	decoded chan struct{}
}

// A Message is one message of a batch.
type Message struct {
	payload  wire.Span // in Batch.Buffer
	targets  wire.Span // in Batch.targets, in entries
	envelope wire.Envelope
	reason   wire.Reason // why it is rejected; OK if it is not
}

var spareBatches = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch without a buffer. Give it to Line.Take, or call Free.
func NewBatch() *Batch { return spareBatches.Get().(*Batch) }

// Add appends a copy of payload to the buffer and makes it a message. Only the source calls it,
// while it fills the batch.
func (b *Batch) Add(payload []byte) {
	offset := len(b.Buffer.B)
	b.Buffer.Grow(len(payload))
	b.Buffer.B = append(b.Buffer.B, payload...)
	b.AddInPlace(offset, len(payload))
}

// AddInPlace makes size bytes at an offset of the buffer a message, without a copy. The buffer may
// be set later. Only the source calls it, while it fills the batch.
func (b *Batch) AddInPlace(offset, size int) {
	span := wire.Span{Off: uint32(offset), Len: uint32(size)}
	b.Messages = append(b.Messages, Message{payload: span})
}

// Payload returns the bytes of the i-th message. The result aliases b.
func (b *Batch) Payload(i int) []byte { return b.Messages[i].payload.Of(b.Buffer.B) }

// overhead is about what a message has on the wire besides its payload, in bytes: a line in front,
// a hop.
const overhead = 96

// sizeOnWire is about how many bytes the i-th message and those behind it make on the wire, each
// payload once. A request to several nodes ends the count, and its list of targets does not count:
// it may leave without those behind it.
func (b *Batch) sizeOnWire(i int) (n int) {
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
	spareBatches.Put(b)
}

// maxRecycled is the longest slice, in entries, that is kept for its next use: one request with all
// targets allowed must not keep its memory for ever.
const maxRecycled = 8192

// recycle returns s, empty, for its next use, or nil if it has grown too long for that.
func recycle[T any](s []T) []T {
	if cap(s) > maxRecycled {
		return nil
	}
	return s[:0]
}
