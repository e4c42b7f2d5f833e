package pipeline

import (
	"github.com/fedrelay/fedrelay/wire"
)

// fanOut starts the goroutine of fan-out, which deals batches to the lanes when decode has scanned
// them. It closes the lanes when there are no more batches.
func (p *Pipeline) fanOut(decoded <-chan *Batch) {
	go func() {
		for b := range decoded {
			<-b.decoded
			p.spareSignals.Put(b.decoded)
			b.decoded = nil
			p.dealer.carry(b)
			p.dealer.baton.done()
		}
		for _, l := range p.dealer.lanes {
			close(l.arriving)
		}
	}()
}

// A dealer asks the router about every message, and deals the answers to the lanes as egresses.
// Whoever holds its baton owns it: a goroutine in Take, or that of fan-out.
type dealer struct {
	*Pipeline
	baton    baton
	lanes    []*lane
	egresses []*Egress // one a lane, of the batch at hand; nil while the lane gets nothing of it

	// Of the message at hand. They are fields because they are passed to an interface or a
	// callback: local variables would be allocated for each message.
	route   Route
	skips   skips
	finding Finding

	// Accepted from the batch at hand, but not in the ledger yet.
	messages, copies int
}

// carry takes ownership of b, and rejects or deals each of its messages. It blocks while a lane has
// no room.
func (d *dealer) carry(b *Batch) {
	for i := range b.Messages {
		m := &b.Messages[i]
		if m.reason == wire.OK {
			m.reason = d.carryMessage(b, i)
		}
		if m.reason != wire.OK {
			d.reject(b, m)
		}
	}
	for lane := range d.egresses {
		d.deal(lane)
	}
	b.Free()
	d.underWay.Add(-1)
}

// carryMessage puts the i-th message of b into the egress for its lane, or returns why the message
// is rejected.
func (d *dealer) carryMessage(b *Batch, i int) wire.Reason {
	m := &b.Messages[i]
	message := m.payload.Of(b.Buffer.B)
	key := keyOf(&m.envelope)
	lane := laneOf(key.Of(message), len(d.lanes))
	e := d.egressFor(lane, b, i)
	first, end := len(e.subjects), len(e.buffer.B)

	reason := d.ask(e, b, m)
	outgoing := OutgoingMessage{subjects: wire.Span{Off: uint32(first), Len: uint32(d.route.Copies())}}
	if reason == wire.OK && outgoing.Copies() > 0 {
		reason = d.layOut(e, &outgoing)
	}
	if reason != wire.OK {
		e.subjects, e.buffer.B = e.subjects[:first], e.buffer.B[:end]
		return reason
	}
	outgoing.key = shift(key, m.payload.Off)
	d.accept(e, m, outgoing)
	if d.skips.targets > 0 {
		d.settleSkipped(b, m)
	}
	if e.heavy() {
		d.deal(lane)
	}
	return wire.OK
}

// ask asks the router where m goes. The answer is in d.route, and its subjects are appended to
// those of e.
func (d *dealer) ask(e *Egress, b *Batch, m *Message) wire.Reason {
	d.skips.forget()
	d.route = Route{
		Message:  m.payload.Of(b.Buffer.B),
		Envelope: &m.envelope,
		Targets:  b.targets[m.targets.Off : m.targets.Off+m.targets.Len],
		Origin:   b.Origin,
		Subjects: e.subjects,
		first:    len(e.subjects),
		skips:    &d.skips,
	}
	reason := d.Router.Route(&d.route)
	e.subjects = d.route.Subjects
	return reason
}

// layOut lets the router append the payload of m to e, and completes the frame around it.
func (d *dealer) layOut(e *Egress, m *OutgoingMessage) (reason wire.Reason) {
	var subject []byte
	r := &d.route
	if m.Copies() == 1 {
		if subject = r.Subjects[r.first].Of(r.Message); !wire.OneWord(subject) {
			return wire.BadSubject
		}
	}
	// The line in front of the payload contains its size, which is not known yet. The size of the
	// received message nearly always has as many digits, so room for that size is left.
	start := len(e.buffer.B)
	payload := start + wire.PubLineLen(len(subject), len(r.Message))
	e.buffer.Grow(payload - start + len(r.Message))
	e.buffer.B = e.buffer.B[:payload]
	if e.buffer.B, reason = d.Router.Append(e.buffer.B, r); reason != wire.OK {
		return reason
	}
	m.payload = wire.Span{Off: uint32(payload), Len: uint32(len(e.buffer.B) - payload)}
	e.completeFrame(m, start, subject)
	return wire.OK
}

// accept enters the answer of the router about m into e, and counts what updateLedger enters later.
func (d *dealer) accept(e *Egress, m *Message, outgoing OutgoingMessage) {
	subjects := e.subjects[outgoing.subjects.Off:]
	for i := range subjects {
		subjects[i].Off += m.payload.Off
	}
	d.messages++
	d.copies += len(subjects) + d.skips.targets
	if len(subjects) > 0 {
		e.weigh(&outgoing)
		e.Messages = append(e.Messages, outgoing)
	}
}

// deal sends a lane its egress of the batch at hand, if there is one. It blocks while the lane has
// no room.
func (d *dealer) deal(lane int) {
	e := d.egresses[lane]
	if e == nil {
		return
	}
	d.egresses[lane] = nil
	d.updateLedger()
	if len(e.Messages) == 0 {
		d.freeEgress(e)
		return
	}
	d.lanes[lane].send(e)
}

// updateLedger counts the messages accepted since the last call. It is called once for many
// messages, but always before anybody can settle a copy of them.
func (d *dealer) updateLedger() {
	if d.messages > 0 {
		d.Ledger.Accept(d.messages, d.copies)
		d.messages, d.copies = 0, 0
	}
}

// reject counts and reports a rejected message.
func (d *dealer) reject(b *Batch, m *Message) {
	d.Ledger.Reject(m.reason)
	d.finding = findingOf(b, m, m.reason)
	d.OnRejected(&d.finding)
}

// settleSkipped settles and reports the targets of m that get no copy. It updates the ledger first,
// so that the ledger never shows more fates than copies.
func (d *dealer) settleSkipped(b *Batch, m *Message) {
	d.updateLedger()
	for reason, s := range d.skips.byReason {
		if s.targets == 0 {
			continue
		}
		reason := wire.Reason(reason)
		d.Ledger.Settle(Skipped, reason, s.targets)
		d.finding = findingOf(b, m, reason)
		target := b.targets[int(m.targets.Off)+s.first]
		d.finding.Targets, d.finding.Position = s.targets, s.first+1
		d.finding.Target = target.Of(m.payload.Of(b.Buffer.B))
		d.OnSkipped(&d.finding)
	}
}

// keyOf returns the key that decides about order: the reply subject of the client that asked.
func keyOf(env *wire.Envelope) wire.Span {
	if !env.FedReply.Empty() {
		return env.FedReply
	}
	return env.Reply
}

// laneOf returns the lane of a key. Equal keys go to the same one.
func laneOf(key []byte, lanes int) int {
	if lanes == 1 {
		return 0
	}
	const prime, offset = 16777619, 2166136261 // FNV-1a
	h := uint32(offset)
	for _, c := range key {
		h = (h ^ uint32(c)) * prime
	}
	return int(h % uint32(lanes))
}

func shift(s wire.Span, by uint32) wire.Span { return wire.Span{Off: s.Off + by, Len: s.Len} }
