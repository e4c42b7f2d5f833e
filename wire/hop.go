package wire

// hop reads one entry of the trace list. Its first three elements must be strings or null. If it is
// not a list of two or three strings the trace is odd (keptTrace), and is not written as it is.
func (p *parser) hop() Reason {
	p.space()
	p.env.kept.note(p.i, p.env.Hops)
	if p.env.Hops++; p.env.Hops%hopsPerPart == 0 && p.part() != OK {
		return TooManyParts
	}
	elements, odd := 0, false
	r := p.array(func() Reason {
		if elements++; elements > 3 {
			return p.value()
		}
		if p.null() {
			odd = true
			return OK
		}
		if p.space() != '"' {
			return p.wrongType()
		}
		_, r := p.str(0)
		return r
	})
	odd = odd || elements != 2 && elements != 3
	if r == OK && odd {
		p.env.kept.odd = true
		r = p.part()
	}
	return r
}

// AppendHop appends one entry of a trace list. from is the URL of the server that the message came
// from, to that of the server it goes to. by says who carried it; consumers take it as free text
// that begins with an identity.
func AppendHop(dst []byte, from, by, to string) []byte {
	dst = append(dst, '[')
	dst = AppendString(dst, from)
	dst = append(dst, ',')
	dst = AppendString(dst, by)
	dst = append(dst, ',')
	dst = AppendString(dst, to)
	return append(dst, ']')
}

// appendEntry appends the next entry in the shape that the incumbent gives it: at most three
// strings, and exactly three if one is missing. The two strings of a Ruby client stay two, because
// the tool that draws the trace reads the last element.
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

// appendElement appends the next string as it was written. For a null, which has been read already,
// it appends an empty string.
func appendElement(dst []byte, s *scanner, isNull bool) []byte {
	dst = append(dst, '"')
	if !isNull {
		text, _ := s.str(0)
		dst = append(dst, text.Of(s.b)...)
	}
	return append(dst, '"')
}
