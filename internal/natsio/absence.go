package natsio

import "time"

// keepSpans is how many spans a list of them has at most.
const keepSpans = 64

// A span is a time in which a side was away, or in which the process stood still.
type span struct {
	began, ended time.Time
	// length is not always ended minus began. It is less where several spans became one, and more
	// where the machine was suspended and its clock stood still.
	length time.Duration
}

// after returns how much of s came after t.
func (s span) after(t time.Time) time.Duration {
	switch {
	case !s.ended.After(t):
		return 0
	case s.began.After(t):
		return s.length
	}
	return max(0, s.length-t.Sub(s.began))
}

// overlap returns for how long s and o were at the same time.
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

// absences are the times in which a side was away. The zero value has none.
type absences struct {
	past  []span // in order
	since time.Time
}

// begin enters that the side is away from now on. It does nothing if the side is away already.
func (a *absences) begin(now time.Time) {
	if a.since.IsZero() {
		a.since = now
	}
}

// end enters that the side is back.
func (a *absences) end(now time.Time) {
	if a.since.IsZero() {
		return
	}
	a.past = remember(a.past, span{a.since, now, now.Sub(a.since)})
	a.since = time.Time{}
}

// remember appends s to spans. If there are keepSpans already, the oldest two become one.
func remember(spans []span, s span) []span {
	if len(spans) == keepSpans {
		first, second := spans[0], spans[1]
		spans[1] = span{first.began, second.ended, first.length + second.length}
		spans = append(spans[:0], spans[1:]...)
	}
	return append(spans, s)
}

// after returns for how long since t the side was away or this process stood still. pauses are the
// times in which the process did. A time that is both counts once.
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

// sum adds up of(s) for each absence s that ended after t, or that has not ended.
func (a *absences) sum(t, now time.Time, of func(span) time.Duration) (total time.Duration) {
	if !a.since.IsZero() {
		total = of(span{a.since, now, now.Sub(a.since)})
	}
	for i := len(a.past) - 1; i >= 0 && a.past[i].ended.After(t); i-- {
		total += of(a.past[i])
	}
	return total
}
