package wire

import "bytes"

// A Judge judges the targets of one request. In a long list most targets begin like the one before,
// up to the second dot. For these it takes less than half the time of Rules.Target. A Judge is for
// one goroutine, and keeps a reference to the last subject that it was given.
type Judge struct {
	rules *Rules
	start []byte // beginning of the last target, if it makes every well-formed subject allowed
}

// Judge returns a judge of targets.
func (r *Rules) Judge() Judge { return Judge{rules: r} }

// Target judges a subject like Rules.Target.
func (j *Judge) Target(subject []byte) Reason {
	n := len(j.start)
	if 0 < n && n < len(subject) && string(subject[:n]) == string(j.start) &&
		len(subject) <= j.rules.MaxLength && ordinary(subject, n) {
		return OK
	}
	return j.target(subject)
}

// target judges a subject that does not begin like the one before, or that does and may be
// malformed.
func (j *Judge) target(subject []byte) Reason {
	if reason := j.rules.Target(subject); reason != OK {
		return reason
	}
	j.start = j.rules.start(subject)
	return OK
}

// start returns the beginning of an allowed target, with which every well-formed subject is
// allowed: the collective and the next token, with their dots. It is empty if the tokens behind
// them matter, too.
func (r *Rules) start(target []byte) []byte {
	first := bytes.IndexByte(target, '.') + 1
	n := bytes.IndexByte(target[first:], '.') + 1
	if n == 0 || !r.Peer && string(target[first:first+n]) != nodePrefix {
		return nil
	}
	return target[:first+n]
}
