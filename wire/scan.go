package wire

// Scan reads the message b. It appends the spans of its targets to targets and returns the grown
// slice. With a Reason other than OK, what it has appended means nothing. Of env only Sender and
// FedRequest are of use then, for a log line, if they were read before the message turned out to be
// bad. Scan allocates only to grow targets. Spans are offsets, valid while the caller does not
// change b.
func Scan(b []byte, limits Limits, env *Envelope, targets []Span) ([]Span, Reason) {
	if all, r, ok := scanCanonical(b, limits, env, targets); ok {
		return all, r
	}
	return scan(b, limits, env, targets, false)
}

// ScanNormalized is Scan for a message that Normalize made: its payload may be null.
func ScanNormalized(b []byte, limits Limits, env *Envelope, targets []Span) ([]Span, Reason) {
	limits.Parts = 0 // no limit: Normalize has spent the time already
	return scan(b, limits, env, targets, true)
}

func scan(b []byte, limits Limits, env *Envelope, targets []Span, nullData bool) ([]Span, Reason) {
	*env = Envelope{Escapes: true, kept: keptTrace{limit: max(0, limits.Hops)}}
	p := parser{
		scanner:     scanner{b: b, depth: limits.Depth, parts: limits.parts(len(b))},
		targetParts: targetParts,
		limits:      limits,
		env:         env,
		targets:     targets,
		nullData:    nullData,
	}
	r := p.message()
	return p.targets, r
}
