package relay

import (
	"bytes"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// An edgeRouter decides about requests at an edge. It judges them as a relay does, and sends them
// on, on the subject that they came on, with the targets that are good. Replies are to come to the
// edges of its group. It is for one goroutine at a time.
type edgeRouter struct {
	requestRouter
	name       string         // of the edge, in return addresses
	json       bool           // requests leave as JSON, each by itself
	limits     compact.Limits // those of the edge, which relays probably have, too
	maxPayload func() int     // the largest payload that can be published, in bytes

	encoder compact.Encoder
	request compact.Request // kept for its memory, as are the next two
	address []byte          // a reply subject with the address of the edge
	trace   []byte
}

// Route implements pipeline.Router.
func (q *edgeRouter) Route(r *pipeline.Route) wire.Reason {
	if reason := q.judge(r); reason != wire.OK {
		return reason
	}
	if env := r.Envelope; wire.Escaped(env.Reply.Of(r.Message)) {
		env.Reply = wire.Resolve(r.Message, env.Reply)
	}
	reply := r.Envelope.Reply.Of(r.Message)
	switch {
	case q.passed(reply):
		return wire.Loop
	case !spelledPlainly(reply):
		return wire.BadSubject
	case r.Hops() >= wire.MaxEdges:
		return wire.TooManyEdges
	}
	q.address = wire.AppendEdge(q.address[:0], q.name, reply)
	if reason := q.rules.Reply(q.address); reason != wire.OK {
		return reason
	}
	r.BundleBack()
	q.accepted()
	q.remember(r)
	return wire.OK
}

// passed reports whether a request has passed this edge, by its reply subject.
func (q *edgeRouter) passed(reply []byte) bool {
	for range wire.MaxEdges + 1 {
		address, inner, ok := wire.SplitAddress(reply)
		if !ok {
			return false
		}
		if addressedTo(q.name, address) {
			return true
		}
		if len(inner) == len(reply) {
			return false
		}
		reply = inner
	}
	return false
}

// Together implements pipeline.Bundler. Messages leave together if they differ in their targets
// only: then they are of one request.
func (q *edgeRouter) Together(a, b *pipeline.Bundled) bool {
	x, y := a.Envelope, b.Envelope
	same := func(s, t wire.Span) bool { return bytes.Equal(s.Of(a.Message), t.Of(b.Message)) }
	return !q.json && x.Version == y.Version && x.HasTrace == y.HasTrace && a.Origin == b.Origin &&
		a.Deadline == b.Deadline && a.Hops == b.Hops &&
		same(x.Reply, y.Reply) && same(x.FedRequest, y.FedRequest) && same(x.Sender, y.Sender) &&
		same(x.Trace, y.Trace) && same(x.Data, y.Data)
}

// AppendBundle implements pipeline.Bundler. If the bundle is larger than the server takes it has
// fewer messages.
func (q *edgeRouter) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	n := bundled(all, q.limits)
	q.takeApart(all[:n])
	if q.json || n == 1 && !fits(all[0], q.limits) {
		return wire.AppendMessage(dst, &q.request.Parts), n
	}
	for from, limit := len(dst), q.maxPayload(); ; n = (n + 1) / 2 {
		q.request.Groups = q.request.Groups[:n]
		q.request.Parts.Targets = q.request.Parts.Targets[:q.request.Groups[n-1]]
		dst = q.encoder.AppendRequest(dst[:from], &q.request)
		if len(dst)-from <= limit || n == 1 {
			return dst, n
		}
	}
}

// takeApart fills q.request.
func (q *edgeRouter) takeApart(all []*pipeline.Bundled) {
	m := all[0]
	env := m.Envelope
	q.address = wire.AppendEdge(q.address[:0], q.name, env.Reply.Of(m.Message))
	q.trace = wire.AppendTrace(q.trace[:0], m.Message, env, q.hops.entry(m.Origin, env))
	request := &q.request
	request.Hops, request.Deadline = m.Hops+1, m.Deadline
	targets, groups := request.Parts.Targets[:0], request.Groups[:0]
	for _, m := range all {
		targets = append(targets, m.Subjects...)
		groups = append(groups, len(targets))
	}
	request.Groups = groups
	request.Parts = wire.Parts{
		Version: env.Version, Data: env.Data.Of(m.Message), Reply: q.address, Sender: env.Sender.Of(m.Message),
		Trace: q.trace, FedRequest: q.seals.requestID(m.Message, env, m.Deadline),
		Text: m.Text, Targets: targets,
	}
}
