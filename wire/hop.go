package wire

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

// hop reads one entry. What is not two or three strings is noted, for whoever writes the trace; no type but string and null
// may be among the first three.
func (p *parser) hop() Reason {
	p.space()
	p.env.kept.mark(p.i, p.env.Hops)
	if p.env.Hops++; p.env.Hops%hopsAPart == 0 && p.part() != OK {
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

// AppendHop appends one entry of a trace list: the URL of the server that the message came from, who carried it, and the
// URL of the server it goes to. Consumers take the middle as free text that starts with the identity.
func AppendHop(dst []byte, from, by, to string) []byte {
	dst = append(dst, '[')
	dst = AppendString(dst, from)
	dst = append(dst, ',')
	dst = AppendString(dst, by)
	dst = append(dst, ',')
	dst = AppendString(dst, to)
	return append(dst, ']')
}

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
