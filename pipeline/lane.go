package pipeline

import "sync/atomic"

// turnBytes is how much a lane writes for one key, in bytes on the wire, before it looks at the others: about one buffer.
const turnBytes = 256 << 10

// A lane publishes what fan-out deals to it, over one publisher. Light egresses go as they come. Of heavy ones, and of those
// that share a key with something that waits, each key takes turns with the others: a message to one node waits for one turn
// of another client's to 50,000, not for all of it.
type lane struct {
	*Pipeline
	publisher Publisher
	in        chan *Egress
	pending   atomic.Int64 // put and not published

	// Owned by run.
	turns []*queue          // of the keys that wait, in the order of their turns
	queue map[uint64]*queue // by the hash of their key
	sums  map[uint64]int    // bytes that go at once of the egress at hand, by the hash of a key
	part  Egress            // of an egress, for one call
}

func (p *Pipeline) newLane(publisher Publisher) *lane {
	return &lane{
		Pipeline: p, publisher: publisher, in: make(chan *Egress, p.Depth),
		queue: map[uint64]*queue{}, sums: map[uint64]int{},
	}
}

// laneOf deals keys to lanes: equal keys go to the same one.
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

// put takes ownership of e. It is called by whoever has the fan: a light egress that has nothing ahead of it is published
// at once, unless there are other lanes, which must not wait for this one.
func (l *lane) put(e *Egress) {
	if l.pending.Load() == 0 && !e.heavy() && len(l.Publishers) == 1 {
		l.publisher.Publish(e)
		l.freeEgress(e)
		return
	}
	l.pending.Add(1)
	l.in <- e
}

// run publishes until in ends and nothing waits.
func (l *lane) run() {
	for open := true; open || len(l.turns) > 0; {
		if len(l.turns) == 0 {
			e, more := <-l.in
			if open = more; open {
				l.admit(e)
			}
			continue
		}
		if open {
			open = l.arrivals()
		}
		l.turn()
	}
}

// arrivalBytes is about how much of what has come in is published between two turns: more would keep the turns waiting.
const arrivalBytes = 4 * turnBytes

// arrivals takes what has come in.
func (l *lane) arrivals() (open bool) {
	for left, n := arrivalBytes, cap(l.in)+1; left > 0 && n > 0; n-- {
		select {
		case e, more := <-l.in:
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

// admit publishes e, or what need not wait of it, and returns how much that is in bytes.
func (l *lane) admit(e *Egress) (published int) {
	if len(l.turns) == 0 && !e.heavy() {
		n := e.bytes
		l.publisher.Publish(e)
		l.finish(e)
		return n
	}
	clear(l.sums)
	now := l.part.Messages[:0]
	for _, m := range e.Messages {
		if h := e.keyHash(m); l.waits(e, m, h) {
			l.enqueue(e, m, h)
		} else {
			now = append(now, m)
			published += m.bytes()
		}
	}
	l.part.Messages = now
	l.publishPart(e)
	if e.shares == 0 {
		l.finish(e)
	}
	return published
}

// smallBytes is how much of one key in a heavy egress goes at once.
const smallBytes = turnBytes / 4

// waits reports whether m of e, whose key has the hash h, waits for turns: behind others of its key, or because there is much
// of that.
func (l *lane) waits(e *Egress, m OutgoingMessage, h uint64) bool {
	if l.queue[h] != nil || !e.heavy() {
		return l.queue[h] != nil
	}
	l.sums[h] += m.bytes()
	return l.sums[h] > smallBytes
}

// publishPart publishes the messages of part, which are e's.
func (l *lane) publishPart(e *Egress) {
	messages := l.part.Messages
	if len(messages) > 0 {
		l.part = *e
		l.part.Messages = messages
		l.publisher.Publish(&l.part)
	}
	l.part = Egress{Messages: recycle(messages)} // what it pointed to goes
}

func (l *lane) finish(e *Egress) {
	l.freeEgress(e)
	l.pending.Add(-1)
}

// egressFor returns what b sends through a lane, making it at the lane's first message, the i-th of b: it then keeps the bytes
// of b.
func (f *fan) egressFor(lane int, b *Batch, i int) *Egress {
	if f.ready[lane] == nil {
		e := f.egresses.Get().(*Egress)
		e.in = b.Buffer.Retain()
		e.out = f.Pool.Get(b.outgoing(i))
		e.Received = b.Received
		f.ready[lane] = e
		f.active.Add(1)
	}
	return f.ready[lane]
}

// freeEgress takes ownership of e and gives back what it holds.
func (p *Pipeline) freeEgress(e *Egress) {
	e.in.Release()
	e.out.Release()
	e.in, e.out, e.bytes = nil, nil, 0
	e.Messages = recycle(e.Messages)
	e.subjects = recycle(e.subjects)
	p.egresses.Put(e)
	p.active.Add(-1)
}
