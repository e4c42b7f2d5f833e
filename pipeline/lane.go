package pipeline

import "sync/atomic"

// turnBytes is how much a lane writes of one egress, in bytes on the wire, before it looks at the others: about one buffer.
const turnBytes = 256 << 10

// A lane publishes what fan-out deals to it, over one publisher. Light egresses go as they come. Heavy ones take turns, so
// that a message to one node waits for one turn of another message to 50,000, not for all of it.
type lane struct {
	*Pipeline
	publisher Publisher
	in        chan *Egress
	pending   atomic.Int64 // put and not published

	// Owned by run.
	turns   []*turn
	arrived int    // turns so far
	part    Egress // of a heavy egress, for one turn
}

// A turn is an egress that waits: it is heavy, or shares a key with one that is.
type turn struct {
	*Egress
	number        int
	message, copy int   // where it goes on
	behind        *turn // has to be done first
	done          bool
}

func (p *Pipeline) newLane(publisher Publisher) *lane {
	return &lane{Pipeline: p, publisher: publisher, in: make(chan *Egress, p.Depth)}
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
// at once.
func (l *lane) put(e *Egress) {
	if l.pending.Load() == 0 && !e.heavy() {
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
			open = l.next(<-l.in)
			continue
		}
		if open {
			open = l.arrivals()
		}
		l.turn()
	}
}

// arrivals takes what has come in, as much as in holds at most: more would keep the turns waiting.
func (l *lane) arrivals() (open bool) {
	for range cap(l.in) + 1 {
		select {
		case e := <-l.in:
			if !l.next(e) {
				return false
			}
		default:
			return true
		}
	}
	return true
}

// next publishes e, or lets it wait for its turns. It tells whether there was one.
func (l *lane) next(e *Egress) bool {
	if e == nil {
		return false
	}
	l.arrived++
	if behind := l.conflict(e, l.arrived); behind != nil || e.heavy() {
		l.turns = append(l.turns, &turn{Egress: e, number: l.arrived, behind: behind})
		return true
	}
	l.publisher.Publish(e)
	l.finish(e)
	return true
}

// conflict returns one of those that e, which came as the given number, must not overtake.
func (l *lane) conflict(e *Egress, number int) *turn {
	for _, t := range l.turns {
		if t.number < number && e.sharesKey(t.Egress) {
			return t
		}
	}
	return nil
}

// waits tells whether t has to wait. When what it was behind is done there may be another: it can have several keys.
func (l *lane) waits(t *turn) bool {
	if t.behind != nil && t.behind.done {
		t.behind = l.conflict(t.Egress, t.number)
	}
	return t.behind != nil
}

func (l *lane) finish(e *Egress) {
	l.freeEgress(e)
	l.pending.Add(-1)
}

// turn publishes a part of the egress that has waited longest and need not wait for another.
func (l *lane) turn() {
	i := 0
	for l.waits(l.turns[i]) {
		i++
	}
	t := l.turns[i]
	l.turns = append(l.turns[:i], l.turns[i+1:]...)
	l.publisher.Publish(t.take(&l.part))
	if t.done {
		l.finish(t.Egress)
		return
	}
	l.turns = append(l.turns, t)
}

// take makes part what t publishes next.
func (t *turn) take(part *Egress) *Egress {
	messages, left := part.Messages[:0], turnBytes
	for left > 0 && t.message < len(t.Messages) {
		m := t.Messages[t.message]
		each := int(m.each)
		n := min(m.Copies()-t.copy, (left+each-1)/each)
		m.subjects.Off += uint32(t.copy)
		m.subjects.Len = uint32(n)
		messages = append(messages, m)
		left -= n * each
		if t.copy += n; t.copy == t.Messages[t.message].Copies() {
			t.message, t.copy = t.message+1, 0
		}
	}
	t.done = t.message == len(t.Messages)
	*part = *t.Egress
	part.Messages = messages
	return part
}

// egressFor returns what b sends through a lane, making it at the lane's first message: it then keeps the bytes of b.
func (f *fan) egressFor(lane int, b *Batch) *Egress {
	if f.ready[lane] == nil {
		e := f.egresses.Get().(*Egress)
		e.in = b.In.Retain()
		e.out = f.Pool.Get(b.outgoing())
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
