package wire

import "math"

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

// appendEntry appends an entry in the shape that the incumbent gives it: no more than three strings, and three if a string
// is missing. The two of a Ruby client stay two: the tool that draws the trace reads its last element.
func appendEntry(dst []byte, s *scanner) []byte {
	dst = append(dst, '[')
	n, odd := 0, false
	if !s.null() {
		s.i++ // the bracket
		for more, _ := s.next(']', true); more; more, _ = s.next(']', false) {
			if n++; n > 3 {
				s.value()
				continue
			}
			if n > 1 {
				dst = append(dst, ',')
			}
			isNull := s.null()
			odd = odd || isNull
			dst = appendElement(dst, s, isNull)
		}
	}
	for odd = odd || n < 2; odd && n < 3; n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `""`...)
	}
	return append(dst, ']')
}

// appendElement appends the next string, as it was written, or an empty one for a null that was next.
func appendElement(dst []byte, s *scanner, isNull bool) []byte {
	dst = append(dst, '"')
	if !isNull {
		text, _ := s.str(0)
		dst = append(dst, text.Of(s.b)...)
	}
	return append(dst, '"')
}
