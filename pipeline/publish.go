package pipeline

import "sync"

// publish runs the lanes, and blocks until all have ended.
func (p *Pipeline) publish() {
	var running sync.WaitGroup
	for _, l := range p.dealer.lanes {
		running.Go(l.run)
	}
	running.Wait()
}

// A lane publishes the egresses that the dealer sends it, with one publisher. Light egresses are
// published as they come. Messages of heavy ones wait, and so do later messages with a key that
// waits. Keys that wait take turns. So a message to one node waits for one turn of another client's
// message to 50,000, not for all of it.
type lane struct {
	*Pipeline
	baton     baton // whoever holds it owns publisher
	publisher Publisher
	arriving  chan *Egress // closed by fan-out

	// Owned by run.
	turns   []*keyQueue          // of the keys that wait, the next turn first
	queues  map[uint64]*keyQueue // the same, by the hash of the key
	atOnce  map[uint64]int       // bytes of each key in the egress at hand, by the hash of the key
	portion Egress               // some messages of an egress, for one call of Publish
}

func (p *Pipeline) newLane(publisher Publisher) *lane {
	return &lane{
		Pipeline:  p,
		publisher: publisher,
		arriving:  make(chan *Egress, p.Depth),
		queues:    map[uint64]*keyQueue{},
		atOnce:    map[uint64]int{},
	}
}

// send takes ownership of e. Whoever holds the baton of the dealer calls it. If this is the only
// lane, it publishes a light egress at once when nothing is ahead of it. With several lanes the
// others would have to wait for that, so it queues e. It blocks while the lane has no room.
func (l *lane) send(e *Egress) {
	if l.baton.withCaller() && !e.heavy() && len(l.Publishers) == 1 {
		l.publisher.Publish(e)
		l.freeEgress(e)
		return
	}
	l.baton.pass()
	l.arriving <- e
}

// run publishes egresses. It blocks until arriving is closed and nothing waits any more.
func (l *lane) run() {
	for open := true; open || len(l.turns) > 0; {
		if len(l.turns) == 0 {
			e, more := <-l.arriving
			if open = more; open {
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

// arrivalBytes is about how many bytes of new arrivals are published between two turns. More would
// keep the keys that wait for turns waiting.
const arrivalBytes = 4 * turnBytes

// admitArrivals admits egresses that have arrived, and does not wait for more. It returns false if
// arriving is closed.
func (l *lane) admitArrivals() (open bool) {
	for left, n := arrivalBytes, cap(l.arriving)+1; left > 0 && n > 0; n-- {
		select {
		case e, more := <-l.arriving:
			if !more {
				return false
			}
			left -= l.admit(e)
		default:
			return true
		}
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
