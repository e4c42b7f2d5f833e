package wire

// trace reads the trace list: arrays of two strings (Ruby clients) or three.
func (p *parser) trace() Reason {
	from := p.i
	r := p.array(p.hop)
	if r == OK && p.b[from] == '[' {
		p.env.HasTrace = true
		p.env.Trace = spanOf(from, p.i)
	}
	return r
}

func (p *parser) hop() Reason {
	if p.env.Hops == p.limits.Hops {
		return TooManyHops
	}
	p.env.Hops++
	strings := 0
	r := p.array(func() Reason {
		strings++
		if p.space() != '"' {
			return p.wrongType()
		}
		_, r := p.str(0)
		return r
	})
	if r == OK && strings != 2 && strings != 3 {
		return BadType
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
	if env.Hops == 0 && len(hop) == 0 {
		return dst
	}
	dst = appendKey(dst, name)
	if len(hop) == 0 {
		return append(dst, env.Trace.Of(b)...)
	}
	dst = append(dst, '[')
	if env.Hops > 0 {
		trace := env.Trace.Of(b)
		dst = append(dst, trace[1:len(trace)-1]...)
		dst = append(dst, ',')
	}
	dst = append(dst, hop...)
	return append(dst, ']')
}
