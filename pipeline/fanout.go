package pipeline

import "github.com/fedrelay/fedrelay/wire"

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
			l.arriving.close()
		}
	}()
}

// A dealer asks the router about every message, and deals the answers to the lanes as egresses.
// Whoever holds its baton owns it: a goroutine in Take, or that of fan-out.
type dealer struct {
	*Pipeline
	baton    baton
	lanes    []*lane // at least one
	splitter splitter
	census   census // with Config.CountSubjects; shared with Subjects and AgeSubjects

	// Of the batch at hand, as far as it is not sent yet.
	cargo    *cargo    // nil while there is none
	egresses []*Egress // one a lane, of cargo; nil while the lane gets nothing of it
	used     []int     // the lanes that have an egress
	heavy    bool      // one of the egresses is heavy

	// Of the message at hand. They are fields because they are passed to an interface or a
	// callback: local variables would be allocated for each message.
	route   Route
	skips   skips
	finding Finding

	// Accepted from the batch at hand, but not in the ledger yet.
	messages, copies int

	aside aside
}

// setLanes makes lanes those that copies are dealt to. There must be no batch at hand.
func (d *dealer) setLanes(lanes []*lane) {
	d.lanes = lanes
	d.egresses = make([]*Egress, len(lanes))
	d.splitter.ends = make([]int, len(lanes))
}

// carry takes ownership of b, and rejects or deals each of its messages. It blocks while no lane
// has room.
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
	if b.rules.concluder != nil {
		b.rules.concluder.Conclude()
	}
	d.pack(b)
	d.deal()
	b.Free()
	d.underWay.Add(-1)
}

// carryMessage puts the i-th message of b into the egresses of its lanes, or returns why the
// message is rejected.
func (d *dealer) carryMessage(b *Batch, i int) wire.Reason {
	m := &b.Messages[i]
	if d.cargo == nil {
		d.cargo = d.newCargo(b, i)
	}
	c := d.cargo
	first, end := len(c.subjects), len(c.buffer.B)

	reason := d.ask(b, m)
	if reason == wire.OK && d.route.address.set && d.route.Copies() > 0 {
		return d.putAside(b, m)
	}
	outgoing := OutgoingMessage{subjects: wire.Span{Off: uint32(first), Len: uint32(d.route.Copies())}}
	if reason == wire.OK && outgoing.Copies() > 0 {
		reason = d.layOut(&outgoing)
	}
	if reason != wire.OK {
		c.subjects, c.buffer.B = c.subjects[:first], c.buffer.B[:end]
		return reason
	}
	outgoing.mark = d.route.Mark
	outgoing.key = shift(keyOf(&m.envelope), m.payload.Off)
	d.accept(m, outgoing)
	if d.skips.targets > 0 {
		d.settleSkipped(b, m)
	}
	if d.heavy {
		d.deal()
	}
	return wire.OK
}

// ask asks the router where m goes. The answer is in d.route, and its subjects are appended to
// those of the cargo.
func (d *dealer) ask(b *Batch, m *Message) wire.Reason {
	d.skips.forget()
	d.route = Route{
		Message:  m.payload.Of(b.Buffer.B),
		Envelope: &m.envelope,
		Targets:  b.targets[m.targets.Off : m.targets.Off+m.targets.Len],
		Origin:   b.Origin,
		batch:    b,
		entry:    m,
		Subjects: d.cargo.subjects,
		first:    len(d.cargo.subjects),
		skips:    &d.skips,
	}
	reason := b.rules.Router.Route(&d.route)
	d.cargo.subjects = d.route.Subjects
	return reason
}

// layOut lets the router append the payload of m to the cargo, and completes the frame around it.
func (d *dealer) layOut(m *OutgoingMessage) (reason wire.Reason) {
	var subject []byte
	r, out := &d.route, d.cargo.buffer
	room := len(r.Message)
	if m.Copies() == 1 {
		room -= leavable(r.Envelope)
		if subject = r.only(); !wire.OneWord(subject) {
			return wire.BadSubject
		}
	}
	// The line in front of the payload contains its size, which is not known yet. The size of the
	// received message nearly always has as many digits, so room for that size is left.
	start := len(out.B)
	payload := start + wire.PubLineLen(len(subject), len(r.Message))
	out.Grow(payload - start + room)
	out.B = out.B[:payload]
	if out.B, reason = r.batch.rules.Router.Append(out.B, r); reason != wire.OK {
		return reason
	}
	m.payload = wire.Span{Off: uint32(payload), Len: uint32(len(out.B) - payload)}
	m.leftOut, m.leftAt = r.leftOut, uint32(r.leftAt)
	d.cargo.completeFrame(m, start, subject)
	return wire.OK
}

// accept enters the answer of the router about m into the egresses, and counts what updateLedger
// enters later.
func (d *dealer) accept(m *Message, outgoing OutgoingMessage) {
	subjects := d.cargo.subjects[outgoing.subjects.Off:]
	for i := range subjects {
		subjects[i].Off += m.payload.Off
	}
	if !outgoing.Whole() {
		outgoing.leftOut.Off += m.payload.Off
	}
	d.messages++
	d.copies += len(subjects) + d.skips.targets
	if len(subjects) > 0 {
		d.split(outgoing)
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

func shift(s wire.Span, by uint32) wire.Span { return wire.Span{Off: s.Off + by, Len: s.Len} }
