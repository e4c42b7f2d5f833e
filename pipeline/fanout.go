package pipeline

import "github.com/fedrelay/fedrelay/wire"

// A Route is the question where one message goes, and its answer.
type Route struct {
	// The question. The router borrows all of it.
	Message  []byte         // as received
	Envelope *wire.Envelope // of Message
	Targets  []wire.Span    // that Message names, in Message
	Origin   string         // URL of the server that it came from

	// The answer, appended to what is there.
	Out      []byte        // what is sent
	Subjects []wire.Span   // where it is sent, in Message
	Refused  []wire.Reason // one for each target that is skipped while others are served
}

// fanOut asks the router about every message and deals the answers to the lanes. It closes the channels it returns when
// in ends.
func (p *Pipeline) fanOut(in <-chan *Batch) []chan *Egress {
	lanes := make([]chan *Egress, len(p.Publishers))
	for i := range lanes {
		lanes[i] = make(chan *Egress, p.Depth)
	}
	go func() {
		r := &fan{Pipeline: p, ready: make([]*Egress, len(lanes))}
		for b := range in {
			<-b.decoded
			r.route(b)
			for i, e := range r.ready {
				switch {
				case e == nil:
				case len(e.Messages) == 0:
					p.freeEgress(e)
				default:
					lanes[i] <- e
				}
				r.ready[i] = nil
			}
			p.freeBatch(b)
			p.active.Add(-1)
		}
		for _, lane := range lanes {
			close(lane)
		}
	}()
	return lanes
}

// A fan is the state of the fan-out goroutine.
type fan struct {
	*Pipeline
	ready   []*Egress // one a lane, nil while the batch at hand has nothing for it
	answer  Route
	refused []wire.Reason
}

// route borrows b until it returns.
func (f *fan) route(b *Batch) {
	for i := range b.Messages {
		m := &b.Messages[i]
		if m.reason == wire.OK {
			m.reason = f.message(b, m)
		}
		if m.reason != wire.OK {
			f.Ledger.Reject(m.reason)
			f.Refused(m.reason)
		}
	}
}

// message puts m on its lane, or tells why not.
func (f *fan) message(b *Batch, m *Message) wire.Reason {
	msg := m.payload.Of(b.In.B)
	lane := laneOf(keyOf(&m.envelope, msg), len(f.ready))
	e := f.egressFor(&f.ready[lane], b)
	payloadAt, subjectsAt := len(e.out.B), len(e.subjects)

	r := &f.answer
	*r = Route{
		Message:  msg,
		Envelope: &m.envelope,
		Targets:  b.targets[m.targets.Off : m.targets.Off+m.targets.Len],
		Origin:   b.Origin,
		Out:      e.out.B,
		Subjects: e.subjects,
		Refused:  f.refused[:0],
	}
	reason := f.Router.Route(r)
	f.refused = r.Refused
	e.out.B, e.subjects = r.Out, r.Subjects
	if reason != wire.OK {
		e.out.B, e.subjects = e.out.B[:payloadAt], e.subjects[:subjectsAt]
		return reason
	}
	f.accept(e, m, payloadAt, subjectsAt)
	return wire.OK
}

// accept enters what the router answered into the books and into e.
func (f *fan) accept(e *Egress, m *Message, payloadAt, subjectsAt int) {
	subjects := e.subjects[subjectsAt:]
	for i := range subjects {
		subjects[i].Off += m.payload.Off
	}
	f.Ledger.Accept(len(subjects) + len(f.refused))
	for _, reason := range f.refused {
		f.Ledger.Settle(Refused, reason, 1)
		f.Skipped(reason)
	}
	e.Messages = append(e.Messages, Outgoing{
		payload:  wire.Span{Off: uint32(payloadAt), Len: uint32(len(e.out.B) - payloadAt)},
		subjects: wire.Span{Off: uint32(subjectsAt), Len: uint32(len(subjects))},
	})
}

// keyOf is the key that decides about order: the subject of the client that asked.
func keyOf(env *wire.Envelope, msg []byte) []byte {
	if !env.FedReply.Empty() {
		return env.FedReply.Of(msg)
	}
	return env.Reply.Of(msg)
}
