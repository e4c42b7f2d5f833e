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
	turns  []*turn
	latest map[uint64]*turn // by the hash of a key: the last turn that has it
	part   Egress           // of a heavy egress, for one turn
}

// A turn is an egress that waits: it is heavy, or shares a key with one that is.
type turn struct {
	*Egress
	message, copy int     // where it goes on
	behind        []*turn // have to be done first
	done          bool
}

func (p *Pipeline) newLane(publisher Publisher) *lane {
	return &lane{Pipeline: p, publisher: publisher, in: make(chan *Egress, p.Depth), latest: map[uint64]*turn{}}
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
			open = l.next(<-l.in)
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
		case e := <-l.in:
			if e != nil && !e.heavy() {
				left -= e.bytes
			}
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
	if behind := l.ahead(e); len(behind) > 0 || e.heavy() {
		t := &turn{Egress: e, behind: behind}
		for _, m := range e.Messages {
			l.latest[e.keyHash(m)] = t
		}
		l.turns = append(l.turns, t)
		return true
	}
	l.publisher.Publish(e)
	l.finish(e)
	return true
}

// ahead returns those that e must not overtake: the last one of each key, which itself waits for those before it.
func (l *lane) ahead(e *Egress) (behind []*turn) {
	if len(l.turns) == 0 {
		return nil
	}
	for _, m := range e.Messages {
		if t := l.latest[e.keyHash(m)]; t != nil && (len(behind) == 0 || behind[len(behind)-1] != t) {
			behind = append(behind, t)
		}
	}
	return behind
}

// waits tells whether t has to wait.
func (t *turn) waits() bool {
	for n := len(t.behind); n > 0 && t.behind[n-1].done; n-- {
		t.behind = t.behind[:n-1]
	}
	return len(t.behind) > 0
}

// forget is for a turn that is done.
func (l *lane) forget(t *turn) {
	for _, m := range t.Messages {
		if h := t.keyHash(m); l.latest[h] == t {
			delete(l.latest, h)
		}
	}
	t.behind = nil
}

func (l *lane) finish(e *Egress) {
	l.freeEgress(e)
	l.pending.Add(-1)
}

// turn publishes a part of the egress that has waited longest and need not wait for another.
func (l *lane) turn() {
	i := 0
	for l.turns[i].waits() {
		i++
	}
	t := l.turns[i]
	l.turns = append(l.turns[:i], l.turns[i+1:]...)
	l.publisher.Publish(t.take(&l.part))
	if t.done {
		l.part = Egress{Messages: l.part.Messages[:0]} // what it pointed to goes
		l.forget(t)
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

// egressFor returns what b sends through a lane, making it at the lane's first message, the i-th of b: it then keeps the bytes
// of b.
func (f *fan) egressFor(lane int, b *Batch, i int) *Egress {
	if f.ready[lane] == nil {
		e := f.egresses.Get().(*Egress)
		e.in = b.In.Retain()
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
