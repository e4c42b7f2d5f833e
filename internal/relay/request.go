package relay

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A requestRouter decides about requests: from the federation subject to the nodes they name. It is used by one goroutine.
type requestRouter struct {
	rules       *wire.Rules
	fanoutBytes int64
	answerTo    string // the subject that nodes answer to
	hops        *hops
	duplicates  duplicates
	resolved    []byte // reply subject of the message at hand
	accepted    func() // called at each request that is let through
}

// Route implements pipeline.Router.
func (q *requestRouter) Route(r *pipeline.Route) wire.Reason {
	reason := q.header(r)
	if reason == wire.OK {
		q.targets(r)
	}
	return reason
}

// Append implements pipeline.Router.
func (q *requestRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	from := len(dst)
	dst = wire.AppendRequest(dst, r.Message, r.Envelope, q.answerTo, q.hops.entry(r.Origin, r.Envelope))
	if int64(len(dst)-from)*int64(r.Copies()) > q.fanoutBytes {
		return dst, wire.FanoutBytes
	}
	q.accepted()
	return dst, wire.OK
}

// header judges all but the targets.
func (q *requestRouter) header(r *pipeline.Route) wire.Reason {
	env := r.Envelope
	switch {
	case !env.Federated:
		return wire.NotFederated
	case env.FedTargets == 0:
		return wire.NoTargets
	case env.Reply.Empty():
		return wire.NoReply
	case !q.rules.Peer && !wire.IsPlain(env.FedRequest.Of(r.Message)):
		return wire.BadSubject
	}
	return q.answers(env.Reply.Of(r.Message))
}

// answers judges the reply subject, by what it is once its escapes are resolved; in the message it stays as it is written.
// Peer rules let pass one that nobody could publish to, or receive on: the incumbent carries such a request, and the answers
// get lost.
func (q *requestRouter) answers(subject []byte) wire.Reason {
	if wire.Escaped(subject) {
		q.resolved = wire.AppendResolved(q.resolved[:0], subject)
		subject = q.resolved
	}
	reason := q.rules.Reply(subject)
	unheard := reason == wire.EmptyToken || reason == wire.BadSubject && bytes.ContainsAny(subject, " \t\r\n")
	if q.rules.Peer && unheard {
		return wire.OK
	}
	return reason
}

// targets judges each target and puts those that pass into r.Subjects. A bad one costs itself only.
func (q *requestRouter) targets(r *pipeline.Route) {
	judge := q.rules.Judge()
	first := len(r.Subjects)
	r.Subjects = slices.Grow(r.Subjects, len(r.Targets))
	for i, t := range r.Targets {
		if r.Envelope.Escapes {
			t = resolve(r, i)
		}
		reason := judge.Target(t.Of(r.Message))
		if reason != wire.OK {
			r.Skip(i, 1, reason)
			continue
		}
		r.Subjects = append(r.Subjects, t)
	}
	if !q.rules.Peer {
		q.once(r, first)
	}
}

// resolve returns the i-th target, its escapes resolved: what is judged is what is published on.
func resolve(r *pipeline.Route, i int) wire.Span {
	t := &r.Targets[i]
	if wire.Escaped(t.Of(r.Message)) {
		*t = wire.Resolve(r.Message, *t)
	}
	return *t
}

// once leaves one of each subject: a node gets a request once however often it is named. The incumbent publishes as often
// as that.
func (q *requestRouter) once(r *pipeline.Route, first int) {
	left, again := q.duplicates.drop(r.Message, r.Subjects[first:])
	if n := len(r.Subjects) - first - left; n > 0 {
		r.Subjects = r.Subjects[:first+left]
		r.Skip(indexOf(r.Targets, again), n, wire.DuplicateTarget)
	}
}

// indexOf returns the position of a span in a list of them, which is in the order of the message.
func indexOf(spans []wire.Span, s wire.Span) int {
	i, _ := slices.BinarySearchFunc(spans, s, func(a, b wire.Span) int { return cmp.Compare(a.Off, b.Off) })
	return i
}
