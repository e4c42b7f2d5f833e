package pipeline

import "sync"

// publish runs the lanes and returns when all have ended.
func (p *Pipeline) publish() {
	var running sync.WaitGroup
	for _, l := range p.dealer.lanes {
		running.Go(l.run)
	}
	running.Wait()
}

// A lane publishes what the dealer sends it, over one publisher. Light egresses go as they come.
// Heavy ones wait, and so does what shares a key with something that waits: each key takes turns
// with the others. So a message to one node waits for one turn of another client's message to
// 50,000, not for all of it.
type lane struct {
	*Pipeline
	baton     baton // the holder owns publisher
	publisher Publisher
	arriving  chan *Egress // closed by fan-out

	// Owned by run.
	turns   []*keyQueue          // of the keys that wait, the next turn first
	queues  map[uint64]*keyQueue // the same, by the hash of their key
	atOnce  map[uint64]int       // bytes of the egress at hand that need not wait, by the same
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

// send takes ownership of e. The holder of the dealer calls it. A light egress with nothing ahead
// of it is published at once, unless there are other lanes: they must not wait for this one.
func (l *lane) send(e *Egress) {
	if l.baton.withCaller() && !e.heavy() && len(l.Publishers) == 1 {
		l.publisher.Publish(e)
		l.freeEgress(e)
		return
	}
	l.baton.pass()
	l.arriving <- e
}

// run publishes until nothing arrives any more and nothing waits.
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

// arrivalBytes is about how much of what has arrived is published between two turns, in bytes on
// the wire. More would keep those with turns waiting.
const arrivalBytes = 4 * turnBytes

// admitArrivals admits what has arrived. It does not wait for more. It returns false when nothing
// will arrive any more.
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

// admit publishes what need not wait of e, and queues the rest. It returns how many bytes it has
// published.
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

// atOnceBytes is how much of one key in a heavy egress need not wait, in bytes on the wire.
const atOnceBytes = turnBytes / 4

// mustWait reports whether m of e waits for turns: behind others of its key, or because e has much
// of that key. key is the hash.
func (l *lane) mustWait(e *Egress, m OutgoingMessage, key uint64) bool {
	if l.queues[key] != nil || !e.heavy() {
		return l.queues[key] != nil
	}
	l.atOnce[key] += m.bytes()
	return l.atOnce[key] > atOnceBytes
}

// publishPortion publishes the messages in portion, which are e's.
func (l *lane) publishPortion(e *Egress) {
	messages := l.portion.Messages
	if len(messages) > 0 {
		l.portion = *e
		l.portion.Messages = messages
		l.publisher.Publish(&l.portion)
	}
	l.portion = Egress{Messages: recycle(messages)} // without pointers into e
}

// finish is called when all of e has been published.
func (l *lane) finish(e *Egress) {
	l.freeEgress(e)
	l.baton.done()
}
