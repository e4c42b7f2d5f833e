package natsio

import "time"

// keepSpans is how many absences are told apart.
const keepSpans = 64

// A span is a time in which something was away.
type span struct {
	began, ended time.Time
	// length is less than what lies between where several spans became one, and more where clocks
	// stood still.
	length time.Duration
}

// after is how much of s came after t.
func (s span) after(t time.Time) time.Duration {
	switch {
	case !s.ended.After(t):
		return 0
	case s.began.After(t):
		return s.length
	}
	return max(0, s.length-t.Sub(s.began))
}

// overlap is for how long s and o were at the same time.
func (s span) overlap(o span) time.Duration {
	began, ended := s.began, s.ended
	if o.began.After(began) {
		began = o.began
	}
	if o.ended.Before(ended) {
		ended = o.ended
	}
	return max(0, ended.Sub(began))
}

// absences are when a side was away. The zero value is none.
type absences struct {
	past  []span // in order
	since time.Time
}

// begin enters that it is away, if that is new.
func (a *absences) begin(now time.Time) {
	if a.since.IsZero() {
		a.since = now
	}
}

// end enters that it is back.
func (a *absences) end(now time.Time) {
	if a.since.IsZero() {
		return
	}
	a.past = remember(a.past, span{a.since, now, now.Sub(a.since)})
	a.since = time.Time{}
}

// remember appends s to spans. The oldest two become one when there are many.
func remember(spans []span, s span) []span {
	if len(spans) == keepSpans {
		first, second := spans[0], spans[1]
		spans[1] = span{first.began, second.ended, first.length + second.length}
		spans = append(spans[:0], spans[1:]...)
	}
	return append(spans, s)
}

// after is how long it has been away since t, or this process was, whose pauses are given. What is
// both counts once.
func (a *absences) after(t, now time.Time, pauses []span) (total time.Duration) {
	since := func(s span) time.Duration { return s.after(t) }
	total = a.sum(t, now, since)
	for i := len(pauses) - 1; i >= 0 && pauses[i].ended.After(t); i-- {
		p := pauses[i]
		both := func(s span) time.Duration { return min(since(s), p.overlap(s)) }
		total += p.after(t) - a.sum(t, now, both)
	}
	return total
}

// sum adds up what of counts of the absences that ended after t.
func (a *absences) sum(t, now time.Time, of func(span) time.Duration) (total time.Duration) {
	if !a.since.IsZero() {
		total = of(span{a.since, now, now.Sub(a.since)})
	}
	for i := len(a.past) - 1; i >= 0 && a.past[i].ended.After(t); i-- {
		total += of(a.past[i])
	}
	return total
}
