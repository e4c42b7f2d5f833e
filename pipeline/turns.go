package pipeline

// turnBytes is how much a lane writes for one key before it looks at the others, in bytes on the
// wire. It is about what one write of a publisher takes.
const turnBytes = 256 << 10

// A keyQueue is what waits with one key, in order.
type keyQueue struct {
	hash       uint64 // of the key
	remainders []*remainder
}

// A remainder is what is left to publish of the messages that one egress has with one key.
type remainder struct {
	*Egress
	messages      []OutgoingMessage
	message, copy int // the next one to publish: an index into messages, and one of its copies
}

// enqueue has m of e wait behind what waits with its key. key is the hash.
func (l *lane) enqueue(e *Egress, m OutgoingMessage, key uint64) {
	q := l.queues[key]
	if q == nil {
		q = &keyQueue{hash: key}
		l.queues[key] = q
		l.turns = append(l.turns, q)
	}
	if n := len(q.remainders); n == 0 || q.remainders[n-1].Egress != e {
		q.remainders = append(q.remainders, &remainder{Egress: e})
		e.waiting++
	}
	r := q.remainders[len(q.remainders)-1]
	r.messages = append(r.messages, m)
}

// turn publishes some of what waits with the key that has waited longest.
func (l *lane) turn() {
	q := l.turns[0]
	l.turns = append(l.turns[:0], l.turns[1:]...)
	for left := turnBytes; left > 0 && len(q.remainders) > 0; {
		r := q.remainders[0]
		left -= r.moveTo(&l.portion, left)
		l.publishPortion(r.Egress)
		if r.message == len(r.messages) {
			l.endRemainder(q)
		}
	}
	if len(q.remainders) == 0 {
		delete(l.queues, q.hash)
		return
	}
	l.turns = append(l.turns, q)
}

// endRemainder is called when the first remainder of q has been published.
func (l *lane) endRemainder(q *keyQueue) {
	e := q.remainders[0].Egress
	q.remainders[0] = nil
	q.remainders = q.remainders[1:]
	if e.waiting--; e.waiting == 0 {
		l.finish(e)
	}
}

// moveTo makes portion the next messages of r, about so many bytes, and returns how many.
func (r *remainder) moveTo(portion *Egress, bytes int) (moved int) {
	messages := portion.Messages[:0]
	for moved < bytes && r.message < len(r.messages) {
		m := r.messages[r.message]
		each := int(m.copyBytes)
		n := min(m.Copies()-r.copy, (bytes-moved+each-1)/each)
		m.subjects.Off += uint32(r.copy)
		m.subjects.Len = uint32(n)
		messages = append(messages, m)
		moved += n * each
		if r.copy += n; r.copy == r.messages[r.message].Copies() {
			r.message, r.copy = r.message+1, 0
		}
	}
	portion.Messages = messages
	return moved
}
