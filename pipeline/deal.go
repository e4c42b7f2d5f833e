package pipeline

import "slices"

// add puts copies of m, which belong to a lane, into the egress of that lane.
func (d *dealer) add(lane int, m OutgoingMessage) {
	e := d.egresses[lane]
	if e == nil {
		e = d.spareEgresses.Get().(*Egress)
		e.cargo, e.Received = d.cargo, d.cargo.received
		d.egresses[lane] = e
		d.used = append(d.used, lane)
	}
	e.weigh(&m)
	e.Messages = append(e.Messages, m)
	d.heavy = d.heavy || e.heavy()
}

// deal sends the lanes their egresses of the batch at hand. All go at once, even if only one is
// heavy, because nothing can be added to their cargo once one is gone. It blocks while no lane has
// room.
func (d *dealer) deal() {
	c := d.cargo
	if c == nil {
		return
	}
	d.updateLedger()
	c.owners.Store(int32(len(d.used)))
	if len(d.used) == 0 {
		d.releaseCargo(c)
	}
	for _, lane := range d.used {
		e := d.egresses[lane]
		d.egresses[lane] = nil
		d.send(d.lanes[lane], e)
	}
	d.cargo, d.used, d.heavy = nil, d.used[:0], false
	d.awaitRoom()
}

// send takes ownership of e. A light egress is published at once if nothing is ahead of it in its
// lane. With several lanes its publisher must be prompt, too, because the other lanes would have to
// wait. Otherwise the egress is queued.
func (d *dealer) send(l *lane, e *Egress) {
	if l.baton.withCaller() && !e.heavy() && (len(d.lanes) == 1 || l.publisher.Prompt(e.bytes)) {
		l.publisher.Publish(e)
		d.freeEgress(e)
		return
	}
	l.baton.pass()
	l.arriving.put(e)
}

// awaitRoom blocks while each lane has more than Depth egresses waiting. So the lanes together hold
// up the source, and one that is stuck holds up no other: what waits for it is bounded by the
// memory that the source may use.
func (d *dealer) awaitRoom() {
	for !slices.ContainsFunc(d.lanes, (*lane).hasRoom) {
		<-d.room
	}
}

// updateLedger counts the messages accepted since the last call. It is called once for many
// messages, but always before anybody can settle a copy of them.
func (d *dealer) updateLedger() {
	if d.messages > 0 {
		d.Ledger.Accept(d.messages, d.copies)
		d.messages, d.copies = 0, 0
	}
}
