package pipeline

import (
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

// A Route is the question where one message goes, and the router's answer to it.
type Route struct {
	// The question. The router borrows all of it.
	Message  []byte         // as received
	Envelope *wire.Envelope // of Message
	Targets  []wire.Span    // the targets that Message names, as places in Message
	Origin   string         // URL of the server that it came from

	// The answer, besides the calls of Skip.
	Subjects []wire.Span // to send to, as places in Message; behind those of earlier messages
	Mark     uint32      // of the copies (OutgoingMessage.Mark); 0 is none

	batch   *Batch
	entry   *Message // in batch
	first   int      // index in Subjects of the first one of this message
	skips   *skips
	address address   // where the message leaves in a bundle
	leftOut wire.Span // in Message: the part of the payload that Append has left out
	leftAt  int       // the offset in the payload at which it belongs
}

// Subject returns what the message was published to. The result aliases the batch.
func (r *Route) Subject() []byte { return r.entry.subject.Of(r.batch.Buffer.B) }

// Received returns when the batch was received.
func (r *Route) Received() time.Time { return r.batch.Received }

// Deadline returns until when the client waits, in ms of Unix time, or 0 if that is not known.
func (r *Route) Deadline() int64 { return r.batch.compact.deadline }

// Hops returns how many edges the message has passed in compact messages.
func (r *Route) Hops() int { return r.batch.compact.hops }

// Copies returns how many subjects the router has appended.
func (r *Route) Copies() int { return len(r.Subjects) - r.first }

// InSubject returns a part of Subject as a place in Message, for Subjects and BundleAt. It lies
// outside of Message, so only the pipeline can read there.
func (r *Route) InSubject(from, to int) wire.Span {
	return wire.Span{Off: r.entry.subject.Off + uint32(from) - r.entry.payload.Off, Len: uint32(to - from)}
}

// only returns the one subject that the router has appended.
func (r *Route) only() []byte {
	return shift(r.Subjects[r.first], r.entry.payload.Off).Of(r.batch.Buffer.B)
}

// leaveOutFrom is the size in bytes from which on a part of a message is not copied into the
// payload. A smaller one costs less to copy than to hand to the kernel as a piece of its own
// (docs/adr/0009).
const leaveOutFrom = 16 << 10

// LeaveOut asks whether Append may leave out a part of Message that belongs into the payload. at is
// the offset in the payload at which it belongs. Only one part can be left out.
func (r *Route) LeaveOut(part wire.Span, at int) bool {
	if part.Len < leaveOutFrom || r.Copies() != 1 {
		return false
	}
	r.leftOut, r.leftAt = part, at
	return true
}

// Skip enters that n targets get no copy, and why. The first of them is the i-th of r.Targets,
// counted from 0.
func (r *Route) Skip(i, n int, reason wire.Reason) {
	s := &r.skips.byReason[reason]
	if s.targets == 0 {
		s.first = i
	}
	s.targets += n
	r.skips.targets += n
}

// EachSkip calls f with how many targets Skip was called for, by reason.
func (r *Route) EachSkip(f func(reason wire.Reason, targets int)) {
	if r.skips.targets == 0 {
		return
	}
	for reason, s := range r.skips.byReason {
		if s.targets > 0 {
			f(wire.Reason(reason), s.targets)
		}
	}
}

// skips counts the targets of one message that get no copy, by reason.
type skips struct {
	targets  int // in all
	byReason [wire.NumReasons]struct{ targets, first int }
}

// forget empties s for the next message. Most have nothing to forget.
func (s *skips) forget() {
	if s.targets > 0 {
		*s = skips{}
	}
}
