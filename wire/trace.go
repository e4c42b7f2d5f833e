package wire

import "math"

// A keptTrace says which entries of a trace list are written: all, or the first one and the last
// ones. A message is never rejected for a long trace, so entries must be left out. Those in the
// middle are, because clients that batch repeat their hop.
type keptTrace struct {
	limit int  // how many entries may be written
	odd   bool // some entry is not a list of two or three strings

	// A place from which on the last entries are read, and the place that will replace it.
	tail, nextTail tracePlace
}

// A tracePlace is where an entry of a trace list begins. The zero tracePlace stands for no entry.
type tracePlace struct {
	offset uint32 // in the message
	before uint32 // entries in front of it
}

// note is called with the place of each entry of the list. It keeps a place that has limit to
// 2*limit entries behind it, so that appendTrace need not read the whole list again.
func (k *keptTrace) note(offset, before int) {
	if before < int(k.nextTail.before)+k.limit {
		return
	}
	k.tail, k.nextTail = k.nextTail, tracePlace{uint32(offset), uint32(before)}
}

// whole reports whether a list of hops entries is written as it is.
func (k *keptTrace) whole(hops int) bool { return !k.odd && hops <= k.limit }

// trace reads the trace list. Its entries usually are lists of two strings (Ruby clients) or three.
func (p *parser) trace() Reason {
	from := p.i
	r := p.array(p.hop)
	if r == OK && p.b[from] == '[' {
		p.env.HasTrace = true
		p.env.Trace = spanOf(from, p.i)
	}
	return r
}

// appendTrace appends the key and the trace list of b with hop as its last entry. If there is
// neither a list nor a hop it appends nothing.
func appendTrace(dst []byte, name string, b []byte, env *Envelope, hop []byte) []byte {
	if min(env.Hops, env.kept.limit) == 0 && len(hop) == 0 {
		return dst
	}
	return AppendTrace(appendKey(dst, name), b, env, hop)
}

// AppendTrace appends the trace list of b with hop as its last entry, as AppendRequest and
// AppendReply write it. If there is neither a list nor a hop it appends nothing.
func AppendTrace(dst, b []byte, env *Envelope, hop []byte) []byte {
	hops := min(env.Hops, env.kept.limit)
	if hops == 0 && len(hop) == 0 {
		return dst
	}
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

// appendKept appends the entries of the trace that are kept, with commas between them.
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
