package wire

import "bytes"

// A Judge judges the targets of one request. In a long list most targets begin like the one before,
// up to the second dot; for those it takes less than half the time of Rules.Target. A Judge is used
// by one goroutine, and keeps a reference to the last subject that it was given.
type Judge struct {
	rules *Rules
	start []byte // what the last target began with, if all well-formed subjects that do are allowed
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

// target judges a subject that does not begin like the one before, or one that does and may be bad.
func (j *Judge) target(subject []byte) Reason {
	if reason := j.rules.Target(subject); reason != OK {
		return reason
	}
	j.start = j.rules.start(subject)
	return OK
}

// start returns the part of an allowed target, the collective and the token behind it with their
// dots, with which every well-formed subject is allowed. It is empty if there is more to judge.
func (r *Rules) start(target []byte) []byte {
	first := bytes.IndexByte(target, '.') + 1
	n := bytes.IndexByte(target[first:], '.') + 1
	if n == 0 || !r.Peer && string(target[first:first+n]) != nodePrefix {
		return nil
	}
	return target[:first+n]
}
