package relay

import (
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// An edgeReplyRouter decides about replies at an edge. Those out of a bundle are as nodes have sent
// them. A relay that reads only JSON sends single ones, without a federation object: where such a
// reply goes stands in the subject that it came on. It is for one goroutine at a time.
type edgeReplyRouter struct {
	replyRouter
	name    string // of the edge, in return addresses
	answers *answers
	notes   *notes
}

// Route implements pipeline.Router.
func (q *edgeReplyRouter) Route(r *pipeline.Route) wire.Reason {
	if r.Envelope.Federated {
		q.answers.reply()
		return q.replyRouter.Route(r)
	}
	if q.bundles(r.Message) {
		q.answers.single(q.notes)
	} else {
		q.answers.reply() // too large for a bundle of any relay
	}
	subject := r.Subject()
	address, inner, ok := wire.SplitAddress(subject)
	switch {
	case !ok || !addressedTo(q.name, address):
		return wire.Misdirected
	case len(inner) == len(subject):
		return wire.NoReply
	}
	if reason := q.rules.Reply(inner); reason != wire.OK {
		return reason
	}
	if reason := q.seals.missing(r); reason != wire.OK {
		return reason
	}
	from := len(subject) - len(inner)
	r.Subjects = append(r.Subjects, r.InSubject(from, len(subject)))
	if next, _, ok := wire.SplitAddress(inner); ok && q.bundles(r.Message) {
		r.BundleAt(r.InSubject(from, from+len(next)))
	}
	return wire.OK
}

// addressedTo reports whether a return address is that of an edge.
func addressedTo(name string, address []byte) bool {
	edge, ok := wire.EdgeOf(address)
	return ok && string(edge) == name
}
