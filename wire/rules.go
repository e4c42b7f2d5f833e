package wire

import (
	"bytes"
	"slices"
	"strings"
)

// MaxSubject is the longest subject that may ever be allowed: a protocol line must stay below the 4,096 bytes that a
// NATS server takes, or it ends the connection.
const MaxSubject = 1024

// Rules say which subjects a relay may publish on. They are values of its configuration, read-only once in use.
//
// Strict rules allow targets of the shapes C.broadcast.agent.A, C.broadcast.service.A and C.node.I, and reply subjects
// of the shape C.reply.X..., where C is one token. Peer rules allow every literal subject that does not reach beyond
// requests and replies: not those of federation brokers, not those that start with $, and no requests as replies.
type Rules struct {
	MaxLength int      // bytes of a subject
	Peer      bool     // the incumbent's rules
	Allow     []string // collectives; empty is all
	Deny      []string // collectives; stronger than Allow
	Replies   []string // further reply subjects, * and > are wildcards
}

var brokers = []byte("choria.federation.")

// Target judges a subject that a request names.
func (r *Rules) Target(subject []byte) Reason {
	if reason := r.common(subject); reason != OK {
		return reason
	}
	if r.Peer {
		return OK
	}
	collective, rest, _ := bytes.Cut(subject, dotBytes)
	if !isTarget(rest) || !r.collective(collective) {
		return NotAllowed
	}
	return OK
}

// Reply judges a subject that an answer goes to.
func (r *Rules) Reply(subject []byte) Reason {
	if reason := r.common(subject); reason != OK {
		return replyReason(reason)
	}
	collective, rest, _ := bytes.Cut(subject, dotBytes)
	switch {
	case r.Peer && !isTarget(rest) && !reserved(collective):
		return OK
	case bytes.HasPrefix(rest, replyBytes) && r.collective(collective):
		return OK
	case r.custom(subject):
		return OK
	}
	return ReplyNotAllowed
}

// SameCollective tells whether a request for target may be answered on reply, both of which have been allowed: no
// request reaches into one collective and has its answers sent in the name of another.
func (r *Rules) SameCollective(target, reply []byte) bool {
	n := bytes.IndexByte(target, '.') + 1
	return r.Peer || bytes.HasPrefix(reply, target[:n]) || r.custom(reply)
}

// common holds what no rules allow.
func (r *Rules) common(subject []byte) Reason {
	if reason := CheckSubject(subject, r.MaxLength); reason != OK {
		return reason
	}
	if bytes.HasPrefix(subject, brokers) {
		return Loop
	}
	if subject[0] == '$' {
		return NotAllowed
	}
	return OK
}

func replyReason(r Reason) Reason {
	if r == NotAllowed {
		return ReplyNotAllowed
	}
	return r
}

var (
	dotBytes     = []byte(".")
	nodeBytes    = []byte("node.")
	agentBytes   = []byte("broadcast.agent.")
	serviceBytes = []byte("broadcast.service.")
	replyBytes   = []byte("reply.")
)

// isTarget tells whether rest, a well-formed subject without its collective, addresses nodes.
func isTarget(rest []byte) bool {
	if bytes.HasPrefix(rest, nodeBytes) {
		return true
	}
	agent, ok := bytes.CutPrefix(rest, agentBytes)
	if !ok {
		agent, ok = bytes.CutPrefix(rest, serviceBytes)
	}
	return ok && bytes.IndexByte(agent, '.') < 0
}

// reserved tells whether a first token belongs to NATS itself.
func reserved(collective []byte) bool {
	return collective[0] == '_' && len(collective) > 1 && collective[1] == 'R'
}

// collective tells whether a collective may be addressed.
func (r *Rules) collective(name []byte) bool {
	if name[0] == '_' || slices.Contains(r.Deny, string(name)) {
		return false
	}
	return len(r.Allow) == 0 || slices.Contains(r.Allow, string(name))
}

// custom tells whether a reply subject is one of the further ones.
func (r *Rules) custom(subject []byte) bool {
	for _, pattern := range r.Replies {
		if matches(pattern, string(subject)) {
			return true
		}
	}
	return false
}

// matches tells whether a literal subject falls under a pattern of NATS.
func matches(pattern, subject string) bool {
	for {
		p, moreP, okP := strings.Cut(pattern, ".")
		s, moreS, okS := strings.Cut(subject, ".")
		switch {
		case p == ">" && !okP:
			return true
		case p != "*" && p != s, okP != okS:
			return false
		case !okP:
			return true
		}
		pattern, subject = moreP, moreS
	}
}
