package pipeline

import (
	"github.com/fedrelay/fedrelay/wire"
)

// A Route is the question where one message goes, and its answer.
type Route struct {
	// The question. The router borrows all of it.
	Message  []byte         // as received
	Envelope *wire.Envelope // of Message
	Targets  []wire.Span    // that Message names, in Message
	Origin   string         // URL of the server that it came from

	// The answer, with what Skip was told.
	Subjects []wire.Span // where it is sent, in Message; those of other messages stand in front

	first int // own entry of Subjects
	skips *skips
}

// Copies is how many subjects Route has appended.
func (r *Route) Copies() int { return len(r.Subjects) - r.first }

// fanOut carries what decode has made of in. It closes the lanes when in ends.
func (p *Pipeline) fanOut(in <-chan *Batch) {
	go func() {
		for b := range in {
			<-b.decoded
			p.signals.Put(b.decoded)
			b.decoded = nil
			p.fan.carry(b)
			p.queued.Add(-1)
		}
		for _, l := range p.fan.lanes {
			close(l.in)
		}
	}()
}

// A fan asks the router about every message and deals the answers to the lanes. It belongs to the fan-out goroutine while
// batches are queued, else to the one that takes a batch.
type fan struct {
	*Pipeline
	lanes    []*lane
	ready    []*Egress // one a lane, nil while the batch at hand has nothing for it
	answer   Route
	skips    skips   // of the message at hand
	finding  Finding // made last
	messages int     // accepted of the batch at hand
	copies   int     // of those
}

// carry takes ownership of b.
func (f *fan) carry(b *Batch) {
	for i := range b.Messages {
		m := &b.Messages[i]
		if m.reason == wire.OK {
			m.reason = f.message(b, i)
		}
		if m.reason != wire.OK {
			f.Ledger.Reject(m.reason)
			f.find(b, m, m.reason)
			f.OnRejected(&f.finding)
		}
	}
	for i := range f.ready {
		f.deal(i)
	}
	b.Free()
	f.active.Add(-1)
}

// deal gives a lane what is ready for it.
func (f *fan) deal(i int) {
	e := f.ready[i]
	if e == nil {
		return
	}
	f.ready[i] = nil
	f.enter()
	if len(e.Messages) == 0 {
		f.freeEgress(e)
		return
	}
	f.lanes[i].put(e)
}

// message puts the i-th message of b on its lane, or tells why not.
func (f *fan) message(b *Batch, i int) wire.Reason {
	m := &b.Messages[i]
	msg := m.payload.Of(b.Buffer.B)
	key := keyOf(&m.envelope)
	lane := laneOf(key.Of(msg), len(f.ready))
	e := f.egressFor(lane, b, i)
	subjectsAt, end := len(e.subjects), len(e.out.B)

	r := &f.answer
	*r = Route{
		Message:  msg,
		Envelope: &m.envelope,
		Targets:  b.targets[m.targets.Off : m.targets.Off+m.targets.Len],
		Origin:   b.Origin,
		Subjects: e.subjects,
		first:    subjectsAt,
		skips:    &f.skips,
	}
	f.skips.forget()
	reason := f.Router.Route(r)
	e.subjects = r.Subjects
	out := OutgoingMessage{subjects: wire.Span{Off: uint32(subjectsAt), Len: uint32(r.Copies())}}
	if reason == wire.OK && out.subjects.Len > 0 {
		reason = f.lay(e, r, &out)
	}
	if reason != wire.OK {
		e.subjects, e.out.B = e.subjects[:subjectsAt], e.out.B[:end]
		return reason
	}
	out.key = shift(key, m.payload.Off)
	f.accept(e, m, out)
	if f.skips.targets > 0 {
		f.skip(b, m)
	}
	if e.heavy() {
		f.deal(lane)
	}
	return wire.OK
}

// lay appends what the router sends to e, as a frame: whole where it goes to one subject, else without it.
func (f *fan) lay(e *Egress, r *Route, m *OutgoingMessage) (reason wire.Reason) {
	var subject []byte
	if m.Copies() == 1 {
		if subject = r.Subjects[r.first].Of(r.Message); !wire.OneWord(subject) {
			return wire.BadSubject
		}
	}
	// The line in front tells the size of what comes behind it, which is not known yet: that of the message has as many
	// digits, nearly always.
	at, room := len(e.out.B), wire.PubLineLen(len(subject), len(r.Message))
	e.out.Grow(room + len(r.Message))
	e.out.B = e.out.B[:at+room]
	if e.out.B, reason = f.Router.Append(e.out.B, r); reason != wire.OK {
		return reason
	}
	m.payload = wire.Span{Off: uint32(at + room), Len: uint32(len(e.out.B) - at - room)}
	e.frame(m, at, subject)
	return wire.OK
}

// accept enters what the router answered into the books and into e.
func (f *fan) accept(e *Egress, m *Message, out OutgoingMessage) {
	subjects := e.subjects[out.subjects.Off:]
	for i := range subjects {
		subjects[i].Off += m.payload.Off
	}
	f.messages++
	f.copies += len(subjects) + f.skips.targets
	if len(subjects) > 0 {
		e.weigh(&out)
		e.Messages = append(e.Messages, out)
	}
}

// enter brings the ledger up to date: messages are counted by the batch, but before anybody can settle their copies.
func (f *fan) enter() {
	if f.messages > 0 {
		f.Ledger.Accept(f.messages, f.copies)
		f.messages, f.copies = 0, 0
	}
}

// keyOf is the key that decides about order: the subject of the client that asked.
func keyOf(env *wire.Envelope) wire.Span {
	if !env.FedReply.Empty() {
		return env.FedReply
	}
	return env.Reply
}

func shift(s wire.Span, by uint32) wire.Span { return wire.Span{Off: s.Off + by, Len: s.Len} }
