package wire

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	targetShape = regexp.MustCompile(`^[^.]+\.(node\..+|broadcast\.(agent|service)\.[^.]+)$`)
	nodesShape  = regexp.MustCompile(`^[^.]+\.(node|broadcast)\..+$`)
	replyShape  = regexp.MustCompile(`^[^.]+\.reply\..+$`)
	offLimits   = regexp.MustCompile(`^(\$.*|_G?R_)$`)
)

// obviousTarget is Rules.Target, slow and obvious.
func obviousTarget(r *Rules, subject string) Reason {
	if reason := obviousSubject(subject, r.MaxLength, r.Peer); reason != OK {
		return reason
	}
	first := strings.Split(subject, ".")[0]
	switch {
	case strings.HasPrefix(subject, "choria.federation."):
		return Loop
	case offLimits.MatchString(first), slices.Contains(r.Deny, first):
		return NotAllowed
	case len(r.Allow) > 0 && !slices.Contains(r.Allow, first):
		return NotAllowed
	case r.Peer:
		return OK
	case len(r.Allow) == 0 && strings.HasPrefix(first, "_"), !targetShape.MatchString(subject):
		return NotAllowed
	}
	return OK
}

// obviousReply is Rules.Reply, slow and obvious.
func obviousReply(r *Rules, subject string) Reason {
	if reason := obviousSubject(subject, r.MaxLength, r.Peer); reason != OK {
		return reason
	}
	first := strings.Split(subject, ".")[0]
	switch {
	case strings.HasPrefix(subject, "choria.federation."):
		return Loop
	case offLimits.MatchString(first), slices.Contains(r.Deny, first), nodesShape.MatchString(subject):
		return ReplyNotAllowed
	case slices.ContainsFunc(r.Replies, func(p string) bool { return obviousMatch(strings.Split(p, "."), strings.Split(subject, ".")) }):
		return OK
	case len(r.Allow) > 0 && !slices.Contains(r.Allow, first):
		return ReplyNotAllowed
	case r.Peer:
		return OK
	case len(r.Allow) == 0 && strings.HasPrefix(first, "_"), !replyShape.MatchString(subject):
		return ReplyNotAllowed
	}
	return OK
}

func obviousMatch(pattern, subject []string) bool {
	switch {
	case len(pattern) == 1 && pattern[0] == ">":
		return len(subject) > 0
	case len(pattern) == 0 || len(subject) == 0:
		return len(pattern) == len(subject)
	}
	return (pattern[0] == "*" || pattern[0] == subject[0]) && obviousMatch(pattern[1:], subject[1:])
}

// FuzzRules looks for subjects that the rules judge in another way than their description says.
func FuzzRules(f *testing.F) {
	for i, s := range subjectSeeds {
		f.Add([]byte(s), i%2 == 0, "", "", "")
		f.Add([]byte(s), i%2 == 1, "mcollective eu", "choria", "_INBOX.> x.*.y > choria.>")
	}
	f.Fuzz(func(t *testing.T, subject []byte, peer bool, allow, deny, replies string) {
		rules := Rules{
			MaxLength: 255,
			Peer:      peer,
			Allow:     strings.Fields(allow),
			Deny:      strings.Fields(deny),
			Replies:   strings.Fields(replies),
		}
		if got, want := rules.Target(subject), obviousTarget(&rules, string(subject)); got != want {
			t.Errorf("Target(%q) = %q, want %q", subject, got, want)
		}
		if got, want := rules.Reply(subject), obviousReply(&rules, string(subject)); got != want {
			t.Errorf("Reply(%q) = %q, want %q", subject, got, want)
		}
		if rules.Target(subject) == OK && rules.Reply(subject) == OK && targetShape.Match(subject) {
			t.Errorf("%q is a request and an answer", subject)
		}
	})
}
