package relay

import (
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
	accepted    func() // called at each request that is let through
}

// Route implements pipeline.Router.
func (q *requestRouter) Route(r *pipeline.Route) wire.Reason {
	if reason := q.header(r); reason != wire.OK {
		return reason
	}
	return q.targets(r)
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
	return q.rules.Reply(env.Reply.Of(r.Message))
}

// targets judges each target and puts those that pass into r.Subjects. Strict rules refuse the message with the first bad
// one; the incumbent's skip it.
func (q *requestRouter) targets(r *pipeline.Route) wire.Reason {
	judge := q.rules.Judge(r.Envelope.Reply.Of(r.Message))
	first := len(r.Subjects)
	for _, t := range r.Targets {
		switch reason := judge.Target(t.Of(r.Message)); {
		case reason == wire.OK:
			r.Subjects = append(r.Subjects, t)
		case q.rules.Peer:
			r.Refused = append(r.Refused, reason)
		default:
			return reason
		}
	}
	if len(r.Subjects) == first {
		return r.Refused[0]
	}
	if q.duplicates.tooMany(r.Message, r.Subjects[first:]) {
		return wire.DuplicateTarget
	}
	return wire.OK
}
