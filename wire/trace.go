package wire

import "math"

// trace reads the trace list: arrays of two strings (Ruby clients) or three, as a rule.
func (p *parser) trace() Reason {
	from := p.i
	r := p.array(p.hop)
	if r == OK && p.b[from] == '[' {
		p.env.HasTrace = true
		p.env.Trace = spanOf(from, p.i)
	}
	return r
}

// A kept is what is written of a trace list: all of it, or its first entry and the last ones. A trace is never a reason to
// lose a message, and clients that batch repeat their hop, so what is in the middle is what is left out.
type kept struct {
	limit int  // entries
	odd   bool // some entry is no list of two or three strings

	// A position in front of the last entries, how many entries are before it, and the next such position.
	at, hops   uint32
	next, more uint32
}

// mark is told where each entry of the list begins. Of these positions it keeps one with limit to twice as many entries
// behind it, so that who writes need not read the whole list again.
func (k *kept) mark(at, hops int) {
	if hops < int(k.more)+k.limit {
		return
	}
	k.at, k.hops = k.next, k.more
	k.next, k.more = uint32(at), uint32(hops)
}

// whole reports whether a list of so many entries is written as it is.
func (k *kept) whole(hops int) bool { return !k.odd && hops <= k.limit }

// appendTrace appends the trace list of b with hop as its last entry, or nothing if there is neither.
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
	k, s := &env.kept, scanner{b: b, i: int(env.Trace.Off) + 1, depth: math.MaxInt / 2, parts: math.MaxInt}
	hops, left := 0, env.Hops-k.limit // entries read, and left out
	if left <= 0 {
		return appendHops(dst, &s, env.Hops)
	}
	first := min(1, k.limit)
	dst = appendHops(dst, &s, first)
	hops = first
	if k.at > 0 && int(k.hops) > hops {
		s.i, hops = int(k.at), int(k.hops)
	}
	last := k.limit - first
	for ; hops < env.Hops-last; hops++ {
		s.take(',')
		s.value()
	}
	if last > 0 && first > 0 {
		dst = append(dst, ',')
	}
	return appendHops(dst, &s, last)
}

// appendHops appends the next n entries of a trace list that Scan has read, with commas between them.
func appendHops(dst []byte, s *scanner, n int) []byte {
	for i := range n {
		if s.take(','); i > 0 {
			dst = append(dst, ',')
		}
		dst = appendEntry(dst, s)
	}
	return dst
}
