package pipeline

import (
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A Batch is the messages that one read of a source brought. Their bytes are in one buffer. Decode
// adds where the parts of each message are.
type Batch struct {
	// Set by the source.
	Buffer   *pool.Buffer // the bytes; the batch owns one reference
	Messages []Message
	Origin   string    // URL of the server that the messages came from, for traces
	Received time.Time // when the first message arrived; the time to live of its copies begins here
	// MoreWaiting says that the source has more messages waiting, and would rather go on reading
	// than carry this batch itself.
	MoreWaiting bool

	rules   *Rules      // set by Take
	compact fromCompact // set by unpack

	// Set by decode.
	targets []wire.Span // of all messages, one after the other

	// Lent by the pipeline while the batch is on its way to fan-out. It holds a token when decode
	// is done with the batch.
	decoded chan struct{}
}

// A Message is one message of a batch.
type Message struct {
	subject  wire.Span // in Batch.Buffer: what it was published to
	payload  wire.Span // in Batch.Buffer
	targets  wire.Span // in Batch.targets, in entries
	envelope wire.Envelope
	reason   wire.Reason // why the message is rejected; OK if it is not
}

// fromCompact is what a compact message says of all messages in it, beside their text.
type fromCompact struct {
	deadline int64 // until when the client waits, in ms of Unix time; 0 if unknown
	hops     int   // how many edges they have passed
}

var spareBatches = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch without a buffer. Give it to Line.Take, or call Free.
func NewBatch() *Batch { return spareBatches.Get().(*Batch) }

// Add appends copies of subject and payload to the buffer, and makes them a message. subject is
// what the message was published to. Only the source calls it, while it fills the batch.
func (b *Batch) Add(subject string, payload []byte) {
	b.Buffer.Grow(len(subject) + len(payload))
	at := wire.Span{Off: uint32(len(b.Buffer.B)), Len: uint32(len(subject))}
	b.Buffer.B = append(append(b.Buffer.B, subject...), payload...)
	b.AddInPlace(at, wire.Span{Off: at.Off + at.Len, Len: uint32(len(payload))})
}

// AddInPlace makes two parts of the buffer a message without copying them. The buffer may be set
// later. Only the source calls it, while it fills the batch.
func (b *Batch) AddInPlace(subject, payload wire.Span) {
	b.Messages = append(b.Messages, Message{subject: subject, payload: payload})
}

// Payload returns the bytes of the i-th message. The result aliases the buffer of b, and is valid
// until Free.
func (b *Batch) Payload(i int) []byte { return b.Messages[i].payload.Of(b.Buffer.B) }

// overhead is about how many bytes a message has on the wire besides its payload: the line in
// front, and a hop.
const overhead = 96

// sizeOnWire returns about how many bytes the i-th message and those behind it need in an egress,
// where each payload stands once. A request to several nodes is the last that counts, because its
// egress may leave without the messages behind it. Its list of targets does not count, because it
// is not sent.
func (b *Batch) sizeOnWire(i int) (n int) {
	for ; i < len(b.Messages); i++ {
		m := &b.Messages[i]
		if m.targets.Len > 1 {
			first, last := b.targets[m.targets.Off], b.targets[m.targets.Off+m.targets.Len-1]
			return n + overhead + int(m.payload.Len) - int(last.Off-first.Off)
		}
		n += int(m.payload.Len) - leavable(&m.envelope) + overhead
	}
	return n
}

// leavable returns how many bytes of a message a router may leave out of its payload, and does if
// there is one copy: large data.
func leavable(env *wire.Envelope) int {
	if env.Data.Len < leaveOutFrom {
		return 0
	}
	return int(env.Data.Len)
}

// Free takes ownership of b, and gives back its buffer and other memory.
func (b *Batch) Free() {
	if b.Buffer != nil {
		b.Buffer.Release()
		b.Buffer = nil
	}
	b.Origin, b.MoreWaiting, b.rules, b.compact = "", false, nil, fromCompact{}
	b.Messages = recycle(b.Messages)
	b.targets = recycle(b.targets)
	spareBatches.Put(b)
}

// maxRecycled is the largest capacity, in entries, of a slice that is kept for its next use. One
// request with as many targets as allowed must not keep its memory for ever.
const maxRecycled = 8192

// recycle returns s, empty, for its next use. It returns nil if s has grown too long to be kept.
func recycle[T any](s []T) []T {
	if cap(s) > maxRecycled {
		return nil
	}
	return s[:0]
}
