package wire

import "slices"

// A parser reads the three levels of an envelope.
type parser struct {
	scanner
	targetParts int // how many are left, besides those of the scanner
	limits      Limits
	env         *Envelope
	targets     []Span
	nullData    bool

	headersAt  int  // where the headers object begins, if it came before the protocol
	otherNames bool // there is a key that only the other version knows
}

func (p *parser) message() Reason {
	if p.space() != '{' {
		if r := p.value(); r != OK {
			return r
		}
		return BadType
	}
	if r := p.object(topLevel, p.topValue); r != OK {
		return r
	}
	if p.space(); p.i != len(p.b) {
		return Malformed
	}
	switch {
	case p.env.Version == 0:
		return BadVersion
	case p.env.Data.Empty():
		return BadData
	case p.headersAt > 0:
		p.i, p.depth = p.headersAt, p.limits.Depth-1
		if r := p.headers(); r != OK {
			return r
		}
	}
	if p.otherNames && p.env.FedTargets == 0 && p.env.FedReply.Empty() {
		return BadVersion
	}
	return OK
}

// object reads an object. It calls value at the value of each known key, with the key's position,
// and skips the values of other keys.
func (p *parser) object(l *level, value func(key int) Reason) Reason {
	if p.space() != '{' {
		return p.wrongType()
	}
	if r := p.open(); r != OK {
		return r
	}
	var seen uint
	for first := true; ; first = false {
		more, r := p.next('}', first)
		if r != OK || !more {
			return r
		}
		name, r := p.key()
		if r != OK {
			return r
		}
		key, exact := lookup(name.Of(p.b), l.known)
		switch {
		case key < 0:
			p.otherNames = p.otherNames || contains(l.foreign, name.Of(p.b))
			p.parts-- // for the key, which took time to compare
			r = p.value()
		case !exact, seen&(1<<key) != 0:
			return DuplicateKey
		default:
			seen |= 1 << key
			p.space()
			r = value(key)
		}
		if r != OK {
			return r
		}
	}
}

// wrongType returns the reason for a value of a wrong type: BadType, or the reason of the scanner
// if the value is not JSON.
func (p *parser) wrongType() Reason {
	if r := p.value(); r != OK {
		return r
	}
	return BadType
}

func (p *parser) topValue(key int) Reason {
	switch key {
	case keyProtocol:
		name, r := p.text()
		p.env.Version = versionOf(name.Of(p.b))
		return r
	case keyData:
		return p.data()
	}
	if p.env.Version == 0 {
		p.headersAt = p.i
		return p.value()
	}
	return p.headers()
}

func (p *parser) data() Reason {
	from := p.i
	if p.null() {
		if p.nullData {
			p.env.Data = spanOf(from, p.i)
		}
		return OK
	}
	if p.space() != '"' {
		return p.wrongType()
	}
	_, r := p.str(plainBlocks(p.b[p.i+1:]))
	p.env.Data = spanOf(from, p.i)
	return r
}

func (p *parser) headers() Reason { return p.object(headersLevel[p.env.Version], p.headerValue) }

func (p *parser) headerValue(key int) (r Reason) {
	switch key {
	case keyReply:
		p.env.Reply, r = p.text()
	case keySender:
		p.env.Sender, r = p.text()
	case keyTrace:
		r = p.trace()
	case keyFederation:
		if p.null() {
			return OK
		}
		p.env.Federated = true
		r = p.object(federationLevel[p.env.Version], p.federationValue)
	}
	return r
}

func (p *parser) federationValue(key int) (r Reason) {
	switch key {
	case keyFedRequest:
		p.env.FedRequest, r = p.text()
	case keyFedReply:
		p.env.FedReply, r = p.text()
	case keyFedTargets:
		r = p.targetList()
	}
	return r
}

// text reads a string or null.
func (p *parser) text() (Span, Reason) {
	if p.null() {
		return Span{}, OK
	}
	if p.space() != '"' {
		return Span{}, p.wrongType()
	}
	text, r := p.str(0)
	return text, r
}

// array reads an array or null. It calls element at each element.
func (p *parser) array(element func() Reason) Reason {
	if p.null() {
		return OK
	}
	if p.space() != '[' {
		return p.wrongType()
	}
	if r := p.open(); r != OK {
		return r
	}
	for first := true; ; first = false {
		more, r := p.next(']', first)
		if r != OK || !more {
			return r
		}
		if r := element(); r != OK {
			return r
		}
	}
}

func (p *parser) targetList() Reason {
	if p.limits.SkipTargets {
		return p.array(p.skipTargets)
	}
	return p.array(p.target)
}

// target reads a target, which is a string or null. A null becomes an empty name, for which only
// that target will be skipped.
func (p *parser) target() Reason {
	if p.env.FedTargets >= p.limits.Targets {
		return TooManyTargets
	}
	text := spanOf(p.i, p.i)
	if !p.null() {
		if p.space() != '"' {
			return p.wrongType()
		}
		var r Reason
		if text, r = p.name(); r != OK {
			return r
		}
	}
	if len(p.targets) == cap(p.targets) {
		p.targets = roomFor(p.targets, len(p.b)-p.i)
	}
	p.targets = append(p.targets, text)
	p.env.FedTargets++
	return OK
}

// name reads the name of a target. Its parts are taken from targetParts, and from those of the
// message when targetParts are used up.
func (p *parser) name() (Span, Reason) {
	left := p.parts
	p.parts += p.targetParts
	text, r := p.str(0)
	p.targetParts = max(0, p.parts-left)
	p.parts = min(left, p.parts)
	return text, r
}

// skipTargets steps over as many strings as it can at once, or over a null. It is called at an
// element.
func (p *parser) skipTargets() Reason {
	if r := p.part(); r != OK {
		return r
	}
	if p.null() {
		return OK
	}
	if p.space() != '"' {
		return p.wrongType()
	}
	p.i = skipStrings(p.b, p.i)
	_, r := p.str(0)
	return r
}

// roomFor grows a list of targets that is full. left is how many bytes of the message are not read
// yet. It makes room for about as many targets as these bytes can hold.
func roomFor(targets []Span, left int) []Span {
	const usual = 32 // bytes of a target, with quotes and comma
	return slices.Grow(targets, 1+max(len(targets), left/usual))
}
