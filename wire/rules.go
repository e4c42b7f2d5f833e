package wire

import (
	"bytes"
	"strings"
)

// MaxSubject is the length of the longest subject that can be allowed, in bytes. A protocol line
// must stay below the 4,096 bytes that a NATS server takes, because the server ends the connection
// at a longer one.
const MaxSubject = 1024

// Rules say which subjects a relay may publish on. They come from its configuration, and are
// read-only once in use.
//
// Strict rules allow targets of the shapes C.broadcast.agent.A, C.broadcast.service.A and C.node.I,
// and reply subjects of the shape C.reply.X..., where C is one token; it need not be that of the
// targets. Peer rules allow literal subjects of any shape, and bytes outside ASCII in them.
//
// Some things hold whatever else is set. A relay does not publish on the subjects of federation
// brokers, on subjects that belong to NATS ($SYS, _R_ and the like), or in a collective that Deny
// names. It sends no reply to a subject that addresses nodes.
type Rules struct {
	MaxLength int      // of a subject, in bytes
	Peer      bool     // subjects of any shape, as with the incumbent
	Allow     []string // collectives; empty is all
	Deny      []string // collectives; stronger than Allow and Replies
	Replies   []string // further reply subjects, of any shape in any collective; with * and >
}

// Target judges a subject that a request names.
func (r *Rules) Target(subject []byte) Reason {
	collective, rest, reason := r.split(subject)
	switch {
	case reason != OK:
		return reason
	case r.allows(collective) && (r.Peer || isTarget(rest)):
		return OK
	}
	return NotAllowed
}

// Reply judges a subject that a reply goes to. Of a return address the whole and both parts must be
// allowed: each of them may be published to.
func (r *Rules) Reply(subject []byte) Reason {
	if markAt(subject) < 0 {
		return r.reply(subject)
	}
	for range MaxEdges {
		if reason := r.reply(subject); reason != OK {
			return reason
		}
		address, inner, ok := SplitAddress(subject)
		if !ok || len(inner) == len(subject) {
			return OK
		}
		if reason := r.reply(address); reason != OK {
			return reason // a pattern of Replies may allow the whole, and not this
		}
		subject = inner
	}
	if markAt(subject) >= 0 {
		return TooManyEdges
	}
	return r.reply(subject)
}

// reply judges a subject without looking for marks in it.
func (r *Rules) reply(subject []byte) Reason {
	collective, rest, reason := r.split(subject)
	switch {
	case reason == NotAllowed:
		return ReplyNotAllowed
	case reason != OK:
		return reason
	case hasPrefix(rest, replyPrefix) && r.allows(collective):
		return OK
	case hasPrefix(rest, nodePrefix), hasPrefix(rest, broadcastPrefix):
		return ReplyNotAllowed
	case r.Peer && r.allows(collective), r.furtherReply(subject):
		return OK
	}
	return ReplyNotAllowed
}

// check judges the form of a subject.
func (r *Rules) check(subject []byte) Reason {
	switch {
	case len(subject) <= r.MaxLength && ordinary(subject, 0):
		return OK
	case r.Peer:
		return checkBytes(subject, r.MaxLength, &peerClassOf)
	}
	return checkBytes(subject, r.MaxLength, &classOf)
}

// split checks what every subject must fulfil, and cuts a good subject behind its collective.
func (r *Rules) split(subject []byte) (collective, rest []byte, reason Reason) {
	if reason := r.check(subject); reason != OK {
		return nil, nil, reason
	}
	collective = subject
	if n := bytes.IndexByte(subject, '.'); n >= 0 {
		collective, rest = subject[:n], subject[n+1:]
	}
	switch {
	case string(collective) == brokers && hasPrefix(rest, brokersPrefix):
		return nil, nil, Loop
	case reserved(collective), contains(r.Deny, collective):
		return nil, nil, NotAllowed
	}
	return collective, rest, OK
}

// Beginnings of subjects. The subject of a broker begins with brokers, a dot and brokersPrefix. In
// others, one of the other texts follows the collective.
const (
	brokers         = "choria"
	brokersPrefix   = "federation."
	nodePrefix      = "node."
	replyPrefix     = "reply."
	broadcastPrefix = "broadcast."
	agentPrefix     = "broadcast.agent."
	servicePrefix   = "broadcast.service."
)

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// isTarget reports whether rest, a well-formed subject without its collective, addresses nodes.
func isTarget(rest []byte) bool {
	switch {
	case hasPrefix(rest, nodePrefix):
		return true
	case hasPrefix(rest, agentPrefix):
		return bytes.IndexByte(rest[len(agentPrefix):], '.') < 0
	case hasPrefix(rest, servicePrefix):
		return bytes.IndexByte(rest[len(servicePrefix):], '.') < 0
	}
	return false
}

// reserved reports whether a first token belongs to NATS itself. These are system and API subjects,
// and those of replies between accounts (_R_) and gateways (_GR_). _INBOX belongs to clients.
func reserved(first []byte) bool {
	return first[0] == '$' || string(first) == "_R_" || string(first) == "_GR_"
}

// allows reports whether a collective that is not denied may be addressed.
func (r *Rules) allows(collective []byte) bool {
	if len(r.Allow) > 0 {
		return contains(r.Allow, collective)
	}
	return r.Peer || collective[0] != '_'
}

// furtherReply reports whether a subject is one that Rules.Replies allows.
func (r *Rules) furtherReply(subject []byte) bool {
	for _, pattern := range r.Replies {
		if matches(pattern, subject) {
			return true
		}
	}
	return false
}

var dotBytes = []byte(".")

// matches reports whether a literal subject falls under a pattern with NATS's wildcards.
func matches(pattern string, subject []byte) bool {
	for {
		p, moreP, okP := strings.Cut(pattern, ".")
		s, moreS, okS := bytes.Cut(subject, dotBytes)
		switch {
		case p == ">" && !okP:
			return true
		case p != "*" && p != string(s), okP != okS:
			return false
		case !okP:
			return true
		}
		pattern, subject = moreP, moreS
	}
}
