package compact

// A redoer makes messages from flat texts. Its memory is one text for each depth.
type redoer struct {
	levels  [maxDepth + 1]level
	scratch []byte
	depth   int
	limit   int // of bytes at each depth
}

// A level is base64 that is being made.
type level struct {
	text   []byte
	mark   byte // with which it began
	inner  bool // it had base64 in it, which is still there one level deeper
	hashed bool // it has its hash
}

// redo appends the message that flat was made of. ok is false if nothing was, or if a text would
// have more than limit bytes.
func (x *redoer) redo(dst, flat []byte, limit int) (_ []byte, ok bool) {
	x.depth, x.limit = 0, limit
	x.levels[0] = level{text: dst}
	start := len(dst)
	for {
		n := markAt(flat)
		here := &x.levels[x.depth]
		if here.text = append(here.text, flat[:n]...); len(here.text) > limit {
			return dst, false
		}
		if n == len(flat) {
			dst = x.levels[0].text
			return dst, x.depth == 0 && len(dst) > start
		}
		if !x.mark(flat[n]) {
			return x.levels[0].text, false
		}
		flat = flat[n+1:]
	}
}

// trim gives up texts with room for more than most bytes.
func (x *redoer) trim(most int) {
	x.scratch = notAbove(x.scratch, most)
	for i := range x.levels {
		x.levels[i].text = notAbove(x.levels[i].text, most)
	}
}

func (x *redoer) mark(mark byte) bool {
	switch mark {
	case markBase64, markLines, markURL:
		if x.depth == maxDepth {
			return false
		}
		x.depth++
		next := &x.levels[x.depth]
		*next = level{text: next.text[:0], mark: mark}
		return true
	case markEnd, markEndDot:
		return x.end(mark)
	case markMessage, markInner:
		return x.hash(mark)
	}
	return false
}

// end closes the level that is open, and appends it to the one around it.
func (x *redoer) end(mark byte) bool {
	if x.depth == 0 {
		return false
	}
	closed := &x.levels[x.depth]
	x.depth--
	here := &x.levels[x.depth]
	if here.inner = true; len(here.text)+padded.enc.EncodedLen(len(closed.text)) > x.limit {
		return false
	}
	switch closed.mark {
	case markURL:
		here.text = tokens.encode(here.text, closed.text)
	case markBase64:
		here.text = padded.encode(here.text, closed.text)
	default:
		x.scratch = padded.encode(x.scratch[:0], closed.text)
		here.text = appendLines(here.text, x.scratch)
	}
	if mark == markEndDot {
		here.text = append(here.text, '.')
	}
	return len(here.text) <= x.limit
}

// hash appends a hash to the level that is open. There is one for each, so that the time is in
// proportion to the size.
func (x *redoer) hash(mark byte) bool {
	here := &x.levels[x.depth]
	if x.depth == 0 || here.hashed {
		return false
	}
	here.hashed = true
	if mark == markInner {
		if here.inner {
			here.text = appendSum(here.text, x.levels[x.depth+1].text)
		}
		return here.inner
	}
	key := len(here.text) - len(hashKey)
	if key < 0 {
		return false
	}
	var ok bool
	if x.scratch, ok = messageOf(x.scratch[:0], here.text[:key]); ok {
		here.text = appendSum(here.text, x.scratch)
	}
	return ok
}
