package pipeline

// turnBytes is how many bytes a lane writes for one key before it looks at the others. It is about
// the size of one write of a publisher.
const turnBytes = 256 << 10

// A keyQueue holds the messages of one key that wait, in order.
type keyQueue struct {
	hash       uint64 // of the key
	remainders []*remainder
}

// A remainder holds the messages with one key of one egress that are not published yet.
type remainder struct {
	*Egress
	messages      []OutgoingMessage
	message, copy int // what to publish next: an index into messages, and that of a copy
}

// enqueue queues m of e behind the messages with its key. key is the hash of the key.
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

// turn publishes about turnBytes of the key that has waited longest for its turn.
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

// endRemainder removes the first remainder of q, which has been published.
func (l *lane) endRemainder(q *keyQueue) {
	e := q.remainders[0].Egress
	q.remainders[0] = nil
	q.remainders = q.remainders[1:]
	if e.waiting--; e.waiting == 0 {
		l.finish(e)
	}
}

// moveTo fills portion with the next messages of r, about as many bytes as given, and returns how
// many bytes it has moved.
func (r *remainder) moveTo(portion *Egress, bytes int) (moved int) {
	messages := portion.Messages[:0]
	for moved < bytes && r.message < len(r.messages) {
		m := r.messages[r.message]
		if m.Bundle() {
			messages = append(messages, m)
			moved += m.bytes()
			r.message++
			continue
		}
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
