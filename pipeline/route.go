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
