package wire

import "math"

// A keptTrace says what is written of a trace list: all of it, or its first entry and the last
// ones. A trace is never a reason to reject a message, and clients that batch repeat their hop. So
// what is in the middle is what is left out.
type keptTrace struct {
	limit int  // entries
	odd   bool // some entry is not a list of two or three strings

	// A place in front of the last entries, and the one that will take its turn.
	tail, nextTail tracePlace
}

// A tracePlace is where an entry of a trace list begins. The zero tracePlace is none.
type tracePlace struct {
	offset uint32 // in the message
	before uint32 // entries in front of it
}

// note is told where each entry of the list begins. Of these places it keeps one with limit to
// twice as many entries behind it, so that who writes need not read the whole list again.
func (k *keptTrace) note(offset, before int) {
	if before < int(k.nextTail.before)+k.limit {
		return
	}
	k.tail, k.nextTail = k.nextTail, tracePlace{uint32(offset), uint32(before)}
}

// whole reports whether a list of so many entries is written as it is.
func (k *keptTrace) whole(hops int) bool { return !k.odd && hops <= k.limit }

// trace reads the trace list: lists of two strings (Ruby clients) or three, as a rule.
func (p *parser) trace() Reason {
	from := p.i
	r := p.array(p.hop)
	if r == OK && p.b[from] == '[' {
		p.env.HasTrace = true
		p.env.Trace = spanOf(from, p.i)
	}
	return r
}

// appendTrace appends the trace list of b with hop as its last entry, or nothing if there is
// neither.
func appendTrace(dst []byte, name string, b []byte, env *Envelope, hop []byte) []byte {
	hops := min(env.Hops, env.kept.limit)
	if hops == 0 && len(hop) == 0 {
		return dst
	}
	dst = appendKey(dst, name)
	whole := env.kept.whole(env.Hops)
	if len(hop) == 0 && whole {
		return append(dst, env.Trace.Of(b)...)
	}
	dst = append(dst, '[')
	switch trace := env.Trace.Of(b); {
	case hops == 0:
	case whole:
		dst = append(dst, trace[1:len(trace)-1]...)
	default:
		dst = appendKept(dst, b, env)
	}
	if hops > 0 && len(hop) > 0 {
		dst = append(dst, ',')
	}
	dst = append(dst, hop...)
	return append(dst, ']')
}

// appendKept appends the entries of the trace that are written on, with commas between them.
func appendKept(dst, b []byte, env *Envelope) []byte {
	kept := &env.kept
	s := scanner{b: b, i: int(env.Trace.Off) + 1, depth: math.MaxInt / 2, parts: math.MaxInt}
	if env.Hops <= kept.limit {
		return appendHops(dst, &s, env.Hops)
	}
	first := min(1, kept.limit)
	dst = appendHops(dst, &s, first)
	read := first
	if kept.tail.offset > 0 && int(kept.tail.before) > read {
		s.i, read = int(kept.tail.offset), int(kept.tail.before)
	}
	last := kept.limit - first
	for ; read < env.Hops-last; read++ {
		s.take(',')
		s.value()
	}
	if last > 0 && first > 0 {
		dst = append(dst, ',')
	}
	return appendHops(dst, &s, last)
}

// appendHops appends the next n entries of a trace list that Scan has read, with commas between
// them.
func appendHops(dst []byte, s *scanner, n int) []byte {
	for i := range n {
		if s.take(','); i > 0 {
			dst = append(dst, ',')
		}
		dst = appendEntry(dst, s)
	}
	return dst
}
