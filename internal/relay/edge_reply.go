package relay

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// An edgeReplyRouter decides about replies at an edge. Those out of a bundle are as nodes have sent
// them. A relay that reads only JSON sends single ones, without a federation object: where such a
// reply goes stands in the subject that it came on. It is for one goroutine at a time.
type edgeReplyRouter struct {
	replyRouter
	name   string // of the edge, in return addresses
	single func() // called for each reply that did not come in a bundle
}

// Route implements pipeline.Router.
func (q *edgeReplyRouter) Route(r *pipeline.Route) wire.Reason {
	if r.Envelope.Federated {
		return q.replyRouter.Route(r)
	}
	q.single()
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
	if next, _, ok := wire.SplitAddress(inner); ok {
		r.BundleAt(r.InSubject(from, from+len(next)))
	}
	return wire.OK
}

// addressedTo reports whether a return address is that of an edge.
func addressedTo(name string, address []byte) bool {
	edge, ok := wire.EdgeOf(address)
	return ok && string(edge) == name
}

// singles counts the replies of relays that read only JSON. Such a relay drops compact requests, so
// an edge that sends those warns of it.
type singles struct {
	count atomic.Int64
	last  atomic.Int64 // when the last one came, in ns of Unix time
}

// singlesStale is for how long a single reply is warned of.
const singlesStale = 15 * time.Minute

// note counts a reply, and logs that few times.
func (s *singles) note(l *notes) {
	s.count.Add(1)
	s.last.Store(time.Now().UnixNano())
	l.warn(kind{singlesText, ""}, 1, "hint", singlesHint)
}

const (
	singlesText = "a relay replies in JSON, so it reads no compact requests, and those that reach it get lost"
	singlesHint = "set edge.wire to json until all relays of the cluster read compact messages"
)

// warnings is one of the warners of an edge.
func (s *singles) warnings() []string {
	last := s.last.Load()
	if last == 0 || time.Since(time.Unix(0, last)) > singlesStale {
		return nil
	}
	return []string{fmt.Sprintf("line: %s (%d replies, the last one at %s); %s",
		singlesText, s.count.Load(), clock(time.Unix(0, last)), singlesHint)}
}
