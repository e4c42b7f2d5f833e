package wire

import "bytes"

// A spelling holds the text before each value in a canonical message of one version.
type spelling struct {
	start, reply, sender, trace      string
	fedRequest, fedReply, fedTargets string
}

// Indexed by Version.
var spellings = [...]spelling{
	V1: {
		start: `{"protocol":"` + protocolV1 + `","data":"`,
		reply: `"reply-to":"`, sender: `"mc_sender":"`, trace: `"seen-by":[`,
		fedRequest: `"req":"`, fedReply: `"reply-to":"`, fedTargets: `"target":["`,
	},
	V2: {
		start: `{"protocol":"` + protocolV2 + `","data":"`,
		reply: `"reply":"`, sender: `"sender":"`, trace: `"trace":[`,
		fedRequest: `"request":"`, fedReply: `"reply":"`, fedTargets: `"targets":["`,
	},
}

// scanCanonical is Scan for messages as clients, nodes and brokers written in Go send them: the
// known keys in the order of their declaration, no white space, nothing but ASCII without escapes,
// no empty lists and no null. At anything else it gives up. Then ok is false, and env and all mean
// nothing. The only reason for which it rejects a message is TooManyParts; all others are left to
// the parser.
func scanCanonical(b []byte, limits Limits, env *Envelope, targets []Span) (all []Span, r Reason, ok bool) {
	if limits.Depth < 4 || len(b) < 64 || !unescaped(b) {
		return nil, OK, false
	}
	c := canonical{b: b, limits: limits, parts: limits.parts(len(b)), env: env, targets: targets}
	for v := V1; v <= V2; v++ {
		if s := &spellings[v]; c.skip(s.start) {
			*env = Envelope{Version: v, kept: keptTrace{limit: max(0, limits.Hops)}}
			ok = c.message(s)
			if c.tooManyParts {
				return targets, TooManyParts, true
			}
			return c.targets, OK, ok
		}
	}
	return nil, OK, false
}

// A canonical reads a canonical message. When it gives up it sets i to the end, so that nothing
// more is found.
type canonical struct {
	b      []byte
	i      int
	limits Limits
	parts  int // how many are left, see Limits.Parts

	tooManyParts bool // reject the message, whatever else is in it

	env     *Envelope
	targets []Span
}

// message reads the message from the first byte of the payload on.
func (c *canonical) message(s *spelling) bool {
	n := bytes.IndexByte(c.b[c.i:], '"')
	c.env.Data = spanOf(c.i-1, c.i+n+1)
	c.i += n + 1
	if n < 0 || !c.skip(`,"headers":{`) {
		return false
	}
	if c.skip(s.reply) {
		c.env.Reply = c.text()
	}
	if c.skip(s.sender) {
		c.env.Sender = c.text()
	}
	if c.skip(s.trace) {
		c.trace()
	}
	if c.skip(`"federation":{`) {
		c.federation(s)
	}
	return c.skip(`}}`) && c.i == len(c.b)
}

func (c *canonical) federation(s *spelling) {
	c.env.Federated = true
	if c.skip(s.fedRequest) {
		c.env.FedRequest = c.text()
	}
	if c.skip(s.fedReply) {
		c.env.FedReply = c.text()
	}
	if c.skip(s.fedTargets) {
		c.targetList()
	}
	if !c.skip(`}`) {
		c.i = len(c.b)
	}
}

// skip skips text if it is next, and reports whether it was.
func (c *canonical) skip(text string) bool {
	if len(c.b)-c.i < len(text) || string(c.b[c.i:c.i+len(text)]) != text {
		return false
	}
	c.i += len(text)
	return true
}

// text reads a string from behind its opening quote on, and the comma that follows.
func (c *canonical) text() Span {
	at, ok := quote(c.b, c.i)
	if !ok {
		c.i = len(c.b)
		return Span{}
	}
	s := spanOf(c.i, at)
	c.i = at + 1
	c.comma()
	return s
}

// part reports whether one more part is allowed.
func (c *canonical) part() bool {
	c.parts--
	c.tooManyParts = c.parts < 0
	return !c.tooManyParts
}

// comma reads the byte behind a member. It skips a comma if a key may follow, and leaves a brace.
// At anything else it gives up.
func (c *canonical) comma() {
	switch rest := c.b[c.i:]; {
	case len(rest) > 1 && rest[0] == ',' && rest[1] == '"':
		c.i++
	case len(rest) == 0 || rest[0] != '}':
		c.i = len(c.b)
	}
}

// trace reads the trace list from behind its opening bracket on, and the comma that follows.
func (c *canonical) trace() {
	from, i, before := c.i-1, c.i, 0
	c.i = len(c.b)
	for hops := 1; hops%hopsPerPart != 0 || c.part(); hops++ {
		c.env.kept.note(i, hops-1)
		end := hopEnd(c.b, i, before)
		if end < 0 {
			return
		}
		before, i = end-i, end+1
		switch c.b[end] {
		case ',':
			continue
		case ']':
			c.env.HasTrace, c.env.Hops, c.env.Trace = true, hops, spanOf(from, i)
			c.i = i
			c.comma()
		}
		return
	}
}

// hopEnd returns the position behind the trace entry that begins at i, or -1 if there is no entry.
// before is the length of the entry in front, which is tried first because a client that batches
// repeats its entry.
func hopEnd(b []byte, i, before int) int {
	if before > 0 && i+before < len(b) && string(b[i:i+before]) == string(b[i-1-before:i-1]) {
		return i + before
	}
	if i+2 > len(b) || b[i] != '[' || b[i+1] != '"' {
		return -1
	}
	i += 2
	for n := 1; n <= 3; n++ {
		end, ok := quote(b, i)
		switch {
		case !ok:
			return -1
		case b[end+1] == ']' && n > 1:
			return end + 2
		case b[end+1] != ',' || b[end+2] != '"':
			return -1
		}
		i = end + 3
	}
	return -1
}

// targetList reads the target list from behind the first opening quote on.
func (c *canonical) targetList() {
	b, i, targets := c.b, c.i, c.targets
	c.i = len(b)
	if c.limits.SkipTargets {
		c.skipTargets(i - 1)
		return
	}
	for range c.limits.Targets {
		end, ok := quote(b, i)
		if !ok {
			return
		}
		if len(targets) == cap(targets) {
			targets = roomFor(targets, len(b)-i)
		}
		targets = append(targets, spanOf(i, end))
		i = end + 3
		if b[end+1] == ',' && b[end+2] == '"' {
			continue
		}
		if b[end+1] == ']' {
			c.env.FedTargets = len(targets) - len(c.targets)
			c.targets, c.i = targets, end+2
		}
		return
	}
}

// skipTargets steps over the target list, whose first opening quote is at i.
func (c *canonical) skipTargets(i int) {
	for c.part() {
		end, ok := quote(c.b, skipStrings(c.b, i)+1)
		switch {
		case !ok:
			return
		case c.b[end+1] == ',' && c.b[end+2] == '"':
			i = end + 2
		case c.b[end+1] == ']':
			c.i = end + 2
			return
		default:
			return
		}
	}
}
