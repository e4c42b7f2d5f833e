package pipeline

import (
	"context"
	"time"

	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// Compact says which compact messages a pipeline takes. The zero value takes none.
type Compact struct {
	Kind   compact.Kind // 0 takes none
	Limits compact.Limits
	// Addressed reports whether replies that were sent to a return address are for this pipeline.
	// It borrows the address, and must not block. If it is nil all are.
	Addressed func(address []byte) bool
	// MaxBytes is how many bytes Config.Pool may lend: a compact message that does not fit waits
	// until it does, or until nothing is under way. 0 is no bound.
	MaxBytes int64
}

// hasCompact reports whether a message of b is compact.
func (b *Batch) hasCompact() bool {
	for i := range b.Messages {
		if compact.Is(b.Payload(i)) {
			return true
		}
	}
	return false
}

// unpack takes ownership of b, and takes its messages in parts, in order: each compact message as a
// batch of the messages in it, so that only one is expanded at a time, and what stands between them
// as it is. It blocks while the path has no room.
func (p *Pipeline) unpack(b *Batch) {
	for i := 0; i < len(b.Messages); {
		part := NewBatch()
		part.Origin, part.Received, part.rules = b.Origin, b.Received, b.rules
		if compact.Is(b.Payload(i)) {
			p.expand(part, b, i)
			i++
		} else {
			i = p.copyPlain(part, b, i)
		}
		part.MoreWaiting = b.MoreWaiting || i < len(b.Messages)
		p.take(part)
	}
	b.Free()
}

// copyPlain copies messages of b from the i-th on to part, up to the next compact one, and returns
// the index of that.
func (p *Pipeline) copyPlain(part, b *Batch, i int) int {
	end, bytes := i, 0
	for ; end < len(b.Messages) && !compact.Is(b.Payload(end)); end++ {
		m := &b.Messages[end]
		bytes += int(m.subject.Len + m.payload.Len)
	}
	part.Buffer = p.Pool.Get(bytes)
	for ; i < end; i++ {
		part.copy(b, i, b.Messages[i].payload)
	}
	return end
}

// copy appends the subject of the i-th message of b and the bytes of payload as a message.
func (b *Batch) copy(from *Batch, i int, payload wire.Span) {
	at := uint32(len(b.Buffer.B))
	subject := from.Messages[i].subject
	b.Buffer.B = append(b.Buffer.B, subject.Of(from.Buffer.B)...)
	b.Buffer.B = append(b.Buffer.B, payload.Of(from.Buffer.B)...)
	b.AddInPlace(wire.Span{Off: at, Len: subject.Len}, wire.Span{Off: at + subject.Len, Len: payload.Len})
}

// expand fills part with what is in the i-th message of b, which is compact. If that cannot be read
// part gets one message, which is rejected.
func (p *Pipeline) expand(part, b *Batch, i int) {
	subject := b.Messages[i].subject
	contents, reason := p.open(b.Payload(i), &b.rules.Compact)
	p.awaitRoom(b, contents.Bytes)
	part.Buffer = p.Pool.Get(int(subject.Len) + contents.Bytes)
	if reason != wire.OK {
		part.copy(b, i, wire.Span{})
		part.Messages[0].reason = reason
		return
	}
	part.Buffer.B = append(part.Buffer.B, subject.Of(b.Buffer.B)...)
	part.Buffer.B, p.expanded = p.decoder.Append(part.Buffer.B, p.expanded[:0])
	for _, place := range p.expanded {
		part.AddInPlace(wire.Span{Len: subject.Len}, place)
	}
	part.compact = fromCompact{deadline: contents.Deadline, hops: contents.Hops}
	p.expanded = recycle(p.expanded)
}

// lookAgain is how often awaitRoom looks whether anything is under way.
const lookAgain = 10 * time.Millisecond

// awaitRoom blocks until n bytes more may be lent beside the buffer of b, or until nothing is under
// way, so that no memory would come back. A source looks at what it has read only, and that may
// expand to much more.
func (p *Pipeline) awaitRoom(b *Batch, n int) {
	limit := b.rules.Compact.MaxBytes
	for fits := limit == 0; !fits && p.underWay.Load() > 0; {
		ctx, cancel := context.WithTimeout(context.Background(), lookAgain)
		fits = p.Pool.WaitToReplace(ctx, int64(cap(b.Buffer.B)), int64(n), limit) == nil
		cancel()
	}
}

// open opens a compact message, and says whether takes takes it.
func (p *Pipeline) open(m []byte, takes *Compact) (compact.Contents, wire.Reason) {
	if takes.Kind == 0 {
		return compact.Contents{}, wire.CompactKind
	}
	contents, reason := p.decoder.Open(m, takes.Limits)
	switch {
	case reason != wire.OK:
	case contents.Kind != takes.Kind:
		reason = wire.CompactKind
	case contents.Kind == compact.KindReplies && takes.Addressed != nil && !takes.Addressed(contents.Address):
		reason = wire.Misdirected
	default:
		return contents, wire.OK
	}
	return compact.Contents{}, reason
}
