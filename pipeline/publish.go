package pipeline

// publish starts the lanes.
func (p *Pipeline) publish() {
	for _, l := range p.dealer.lanes {
		p.publishing.Go(l.run)
	}
}

// A lane publishes the egresses that the dealer sends it, with one publisher. Light egresses are
// published as they come. Messages of heavy ones wait, and so do later messages with a key that
// waits. Keys that wait take turns. So a message to one node waits for one turn of another client's
// message to 50,000, not for all of it.
type lane struct {
	*Pipeline
	baton     baton // whoever holds it owns publisher
	publisher Publisher
	arriving  queue // closed by fan-out, or by SetLanes

	// Owned by run.
	turns   []*keyQueue          // of the keys that wait, the next turn first
	queues  map[uint64]*keyQueue // the same, by the hash of the key
	atOnce  map[uint64]int       // bytes of each key in the egress at hand, by the hash of the key
	portion Egress               // some messages of an egress, for one call of Publish
}

func (p *Pipeline) newLane(publisher Publisher) *lane {
	l := &lane{
		Pipeline:  p,
		publisher: publisher,
		queues:    map[uint64]*keyQueue{},
		atOnce:    map[uint64]int{},
	}
	l.arriving.arrived.L = &l.arriving.mu
	return l
}

// run publishes egresses. It blocks until arriving is closed and nothing waits any more.
func (l *lane) run() {
	for open := true; open || len(l.turns) > 0; {
		if len(l.turns) == 0 {
			e := l.arriving.take()
			if open = e != nil; open {
				l.taken()
				l.admit(e)
			}
			continue
		}
		if open {
			open = l.admitArrivals()
		}
		l.turn()
	}
}

// hasRoom reports whether no more egresses wait than there should.
func (l *lane) hasRoom() bool { return l.arriving.length.Load() <= int64(l.Depth) }

// taken is called when an egress has been taken from arriving. It wakes the dealer if the lane has
// room.
func (l *lane) taken() {
	if l.hasRoom() {
		select {
		case l.room <- struct{}{}:
		default: // the dealer has not looked since the last signal
		}
	}
}

// arrivalBytes is about how many bytes of new arrivals are published between two turns. More would
// keep the keys that wait for turns waiting.
const arrivalBytes = 4 * turnBytes

// admitArrivals admits egresses that have arrived, and does not wait for more. It returns false if
// arriving is closed.
func (l *lane) admitArrivals() (open bool) {
	for left, n := arrivalBytes, l.Depth+1; left > 0 && n > 0; n-- {
		e, open := l.arriving.poll()
		if e == nil {
			return open
		}
		l.taken()
		left -= l.admit(e)
	}
	return true
}

// admit publishes the messages of e that need not wait, and queues the others. It returns about how
// many bytes it has published.
func (l *lane) admit(e *Egress) (published int) {
	if len(l.turns) == 0 && !e.heavy() {
		n := e.bytes
		l.publisher.Publish(e)
		l.finish(e)
		return n
	}
	clear(l.atOnce)
	now := l.portion.Messages[:0]
	for _, m := range e.Messages {
		if key := e.keyHash(m); l.mustWait(e, m, key) {
			l.enqueue(e, m, key)
		} else {
			now = append(now, m)
			published += m.bytes()
		}
	}
	l.portion.Messages = now
	l.publishPortion(e)
	if e.waiting == 0 {
		l.finish(e)
	}
	return published
}

// atOnceBytes is how many bytes of one key in a heavy egress need not wait for a turn.
const atOnceBytes = turnBytes / 4

// mustWait reports whether m of e waits for a turn: because others of its key wait already, or
// because e has many bytes of its key. key is the hash of the key.
func (l *lane) mustWait(e *Egress, m OutgoingMessage, key uint64) bool {
	if l.queues[key] != nil || !e.heavy() {
		return l.queues[key] != nil
	}
	l.atOnce[key] += m.bytes()
	return l.atOnce[key] > atOnceBytes
}

// publishPortion publishes the messages in l.portion, which belong to e.
func (l *lane) publishPortion(e *Egress) {
	messages := l.portion.Messages
	if len(messages) > 0 {
		l.portion = *e
		l.portion.Messages = messages
		l.publisher.Publish(&l.portion)
	}
	l.portion = Egress{Messages: recycle(messages)} // keep no pointers into e
}

// finish is called when all of e has been published.
func (l *lane) finish(e *Egress) {
	l.freeEgress(e)
	l.baton.done()
}
