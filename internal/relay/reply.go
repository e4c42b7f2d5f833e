package relay

import (
	"bytes"

	"github.com/fedrelay/fedrelay/internal/recent"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A replyRouter decides about replies: each goes to the client that asked. It is for one goroutine
// at a time.
type replyRouter struct {
	rules *wire.Rules
	hops  *hops
	seals *replyOpener // nil: seals mean nothing

	recent *recent.Replies // nil: nothing is remembered
	replyBundles
}

// Route implements pipeline.Router. A reply may name targets, too. They mean nothing, and have not
// been read.
func (q *replyRouter) Route(r *pipeline.Route) wire.Reason {
	env := r.Envelope
	switch {
	case !env.Federated:
		return wire.NotFederated
	case env.FedReply.Empty():
		return wire.NoReply
	}
	if wire.Escaped(env.FedReply.Of(r.Message)) {
		env.FedReply = wire.Resolve(r.Message, env.FedReply)
	}
	if reason := q.rules.Reply(env.FedReply.Of(r.Message)); reason != wire.OK {
		return reason
	}
	if reason := q.seals.open(r); reason != wire.OK {
		return reason
	}
	r.Subjects = append(r.Subjects, env.FedReply)
	if address, _, ok := wire.SplitAddress(env.FedReply.Of(r.Message)); ok && q.bundles(r.Message) {
		if q.rules.Peer && !spelledPlainly(env.FedReply.Of(r.Message)) {
			return wire.BadSubject
		}
		r.BundleAt(wire.Span{Off: env.FedReply.Off, Len: uint32(len(address))})
	}
	q.remember(r)
	return wire.OK
}

// remember keeps who has answered.
func (q *replyRouter) remember(r *pipeline.Route) {
	if q.recent == nil {
		return
	}
	id, sender := r.Envelope.FedRequest.Of(r.Message), r.Envelope.Sender.Of(r.Message)
	if r.Envelope.Escapes {
		id, sender = plain(id), plain(sender)
	}
	q.recent.Note(id, sender, r.Received())
}

// Conclude implements pipeline.Concluder.
func (q *replyRouter) Conclude() { q.recent.Conclude() }

// spelledPlainly reports whether JSON spells a subject without escapes, as a bundle needs it. Only
// peer rules allow others.
func spelledPlainly(subject []byte) bool { return !bytes.ContainsAny(subject, `"\`) }

// Append implements pipeline.Router.
func (q *replyRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	leaveOutData(r)
	return wire.AppendReply(dst, r.Message, r.Envelope, q.hops.entry(r.Origin, r.Envelope)), wire.OK
}

// leaveOutData makes an Append leave out the data of a message, if it is large, and returns how
// many bytes that are.
func leaveOutData(r *pipeline.Route) (bytes int) {
	env := r.Envelope
	data := env.Data
	if !r.LeaveOut(data, env.DataAt()) {
		return 0
	}
	env.Data = wire.Span{}
	return int(data.Len)
}
