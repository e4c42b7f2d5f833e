package pipeline

import "github.com/fedrelay/fedrelay/wire"

// A Route is the question where one message goes, and its answer.
type Route struct {
	// The question. The router borrows all of it.
	Message  []byte         // as received
	Envelope *wire.Envelope // of Message
	Targets  []wire.Span    // that Message names, in Message
	Origin   string         // URL of the server that it came from

	// The answer, beside what Skip was told.
	Subjects []wire.Span // where it is sent, in Message; those of other messages stand in front

	first int // in Subjects, the first one of this message
	skips *skips
}

// Copies returns how many subjects the router has appended.
func (r *Route) Copies() int { return len(r.Subjects) - r.first }

// Skip says that n targets get no copy for a reason. The i-th of r.Targets is the first of them.
func (r *Route) Skip(i, n int, reason wire.Reason) {
	s := &r.skips.byReason[reason]
	if s.targets == 0 {
		s.first = i
	}
	s.targets += n
	r.skips.targets += n
}

// skips are the targets of one message that get no copy, by reason.
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

// A Finding is what was wrong with a message that was rejected, or with targets that were skipped,
// for a line in a log. The texts are as the message spells them: with escapes, of any length and
// with anything in them. They alias the message.
type Finding struct {
	Reason  wire.Reason
	Sender  []byte // as far as it could be read
	Request []byte // its id, as far as it could be read

	// Only of skipped targets.
	Targets  int    // how many; 0 for a message that was rejected
	Target   []byte // the first of them
	Position int    // of that one in the message's list, from 1
}

// findingOf returns what is known of m whatever was wrong with it.
func findingOf(b *Batch, m *Message, reason wire.Reason) Finding {
	message := m.payload.Of(b.Buffer.B)
	return Finding{
		Reason:  reason,
		Sender:  m.envelope.Sender.Of(message),
		Request: m.envelope.FedRequest.Of(message),
	}
}
