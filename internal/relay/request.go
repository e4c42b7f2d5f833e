package relay

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/recent"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A requestRouter decides about requests: each goes to the nodes that it names. It is for one
// goroutine at a time.
type requestRouter struct {
	rules       *wire.Rules
	fanoutBytes int64  // limits.fanout_bytes: how many bytes all copies of a request may have
	answerTo    string // the subject that nodes answer to
	hops        *hops
	seals       *requestSealer // nil: requests keep their id
	duplicates  duplicates
	resolved    []byte           // a reply subject without escapes; kept for its memory
	accepted    func()           // called for each accepted request
	recent      *recent.Requests // nil: nothing is remembered
	names       []byte           // kept for its memory, up to mostNames
	asText      bool             // targets are written as JSON again, as they are spelled
}

// Route implements pipeline.Router.
func (q *requestRouter) Route(r *pipeline.Route) wire.Reason {
	reason := q.judge(r)
	if reason == wire.OK && r.Copies() == 0 {
		q.remember(r)
	}
	return reason
}

// judge is Route for what has copies.
func (q *requestRouter) judge(r *pipeline.Route) wire.Reason {
	reason := q.judgeHeader(r)
	if reason == wire.OK {
		q.judgeTargets(r)
	}
	return reason
}

// Append implements pipeline.Router.
func (q *requestRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	from, leftOut := len(dst), leaveOutData(r)
	hop := q.hops.entry(r.Origin, r.Envelope)
	id := q.seals.requestID(r.Message, r.Envelope, r.Deadline())
	dst = wire.AppendSealedRequest(dst, r.Message, r.Envelope, q.answerTo, id, hop)
	if int64(len(dst)-from+leftOut)*int64(r.Copies()) > q.fanoutBytes {
		return dst, wire.FanoutBytes
	}
	q.accepted()
	q.remember(r)
	return dst, wire.OK
}

// remember keeps what operators may ask about an accepted request.
func (q *requestRouter) remember(r *pipeline.Route) {
	if q.recent == nil {
		return
	}
	m, env := r.Message, r.Envelope
	request := recent.Message{
		ID: env.FedRequest.Of(m), Sender: env.Sender.Of(m), ReplyTo: env.Reply.Of(m),
		Received: r.Received(), Targets: len(r.Targets), Copies: r.Copies(),
	}
	if env.Escapes {
		q.names = recent.AppendNames(q.names[:0], m, r.Targets)
		request.Names, request.ID = q.names, plain(request.ID)
		request.Sender, request.ReplyTo = plain(request.Sender), plain(request.ReplyTo)
	} else {
		request.Names = recent.ListOf(m, r.Targets)
	}
	r.Mark = q.recent.Note(&request)
	if cap(q.names) > mostNames {
		q.names = nil
	}
	r.EachSkip(func(reason wire.Reason, n int) { q.recent.Skipped(r.Mark, reason, n) })
}

// mostNames is the largest capacity of requestRouter.names that is kept, in bytes. One request with
// as many targets as allowed must not keep its memory for ever.
const mostNames = 512 << 10

// plain returns a text without escapes.
func plain(text []byte) []byte {
	if !wire.Escaped(text) {
		return text
	}
	return wire.AppendResolved(nil, text)
}

// maxSkew is how far the clocks of client and relay may differ before a request counts as late that
// is not.
const maxSkew = 5 * time.Second

// judgeHeader judges everything but the targets.
func (q *requestRouter) judgeHeader(r *pipeline.Route) wire.Reason {
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
	case r.Hops() > wire.MaxEdges:
		return wire.TooManyEdges
	case r.Deadline() > 0 && time.Now().UnixMilli() > r.Deadline()+maxSkew.Milliseconds():
		return wire.Late
	}
	return q.judgeReplySubject(env.Reply.Of(r.Message))
}

// judgeReplySubject judges the reply subject with its escapes resolved. The message keeps the
// escapes. Peer rules permit a reply subject that nobody can publish to or receive on: the
// incumbent carries such a request, and only the replies get lost.
func (q *requestRouter) judgeReplySubject(subject []byte) wire.Reason {
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

// judgeTargets appends the targets that the rules allow to r.Subjects, and skips the others.
func (q *requestRouter) judgeTargets(r *pipeline.Route) {
	judge := q.rules.Judge()
	first := len(r.Subjects)
	r.Subjects = slices.Grow(r.Subjects, len(r.Targets))
	for i, t := range r.Targets {
		if r.Envelope.Escapes {
			t = resolveTarget(r, i)
		}
		reason := judge.Target(t.Of(r.Message))
		if q.asText && r.Envelope.Escapes && !spelledPlainly(t.Of(r.Message)) {
			reason = cmp.Or(reason, wire.BadSubject)
		}
		if reason != wire.OK {
			r.Skip(i, 1, reason)
			continue
		}
		r.Subjects = append(r.Subjects, t)
	}
	if !q.rules.Peer {
		q.skipRepeats(r, first)
	}
}

// resolveTarget returns the i-th target with its escapes resolved, because the subject that is
// judged must be the one that is published to.
func resolveTarget(r *pipeline.Route, i int) wire.Span {
	t := &r.Targets[i]
	if wire.Escaped(t.Of(r.Message)) {
		*t = wire.Resolve(r.Message, *t)
	}
	return *t
}

// skipRepeats skips subjects, from first on, that the message has named before, so that a node gets
// one copy of a request. The incumbent publishes a copy each time a node is named.
func (q *requestRouter) skipRepeats(r *pipeline.Route, first int) {
	left, repeat := q.duplicates.drop(r.Message, r.Subjects[first:])
	if n := len(r.Subjects) - first - left; n > 0 {
		r.Subjects = r.Subjects[:first+left]
		r.Skip(indexOf(r.Targets, repeat), n, wire.DuplicateTarget)
	}
}

// indexOf returns the position of a span in a list that is in the order of the message.
func indexOf(spans []wire.Span, s wire.Span) int {
	i, _ := slices.BinarySearchFunc(spans, s, func(a, b wire.Span) int { return cmp.Compare(a.Off, b.Off) })
	return i
}
