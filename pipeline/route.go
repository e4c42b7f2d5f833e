package pipeline

import "github.com/fedrelay/fedrelay/wire"

// A Route is the question where one message goes, and its answer.
type Route struct {
	// The question. The router borrows all of it.
	Message  []byte         // as received
	Envelope *wire.Envelope // of Message
	Targets  []wire.Span    // that Message names, in Message
	Origin   string         // URL of the server that it came from

	// The answer, with what Skip was told.
	Subjects []wire.Span // where it is sent, in Message; those of other messages stand in front

	first int // own entry of Subjects
	skips *skips
}

// Copies is how many subjects Route has appended.
func (r *Route) Copies() int { return len(r.Subjects) - r.first }

// skips are the targets of one message that get no copy, by reason.
type skips struct {
	targets  int
	byReason [wire.NumReasons]struct{ targets, first int }
}

// forget makes s that of a message without any.
func (s *skips) forget() {
	if s.targets > 0 {
		*s = skips{}
	}
}

// Skip says that n targets get no copy for a reason; the i-th of r.Targets is the first of them.
func (r *Route) Skip(i, n int, reason wire.Reason) {
	s := &r.skips.byReason[reason]
	if s.targets == 0 {
		s.first = i
	}
	s.targets += n
	r.skips.targets += n
}

// A Finding is what was wrong with a message, for a line in a log. The texts are as the message spells them, escapes
// included, as long as it likes and with whatever in them; they alias the message.
type Finding struct {
	Reason  wire.Reason
	Sender  []byte // as far as they are known
	Request []byte

	// Of skipped targets; Targets is 0 for a message that was refused whole.
	Targets  int
	Target   []byte // the first of them
	Position int    // of that one in the message's list, from 1
}
