package pipeline

// A queue is what waits with one key, in order.
type queue struct {
	hash   uint64 // of the key
	shares []*share
}

// A share is what an egress has of one key, as far as that waits.
type share struct {
	*Egress
	messages      []OutgoingMessage
	message, copy int // where it goes on
}

// enqueue has m of e wait, whose key has the hash h.
func (l *lane) enqueue(e *Egress, m OutgoingMessage, h uint64) {
	q := l.queue[h]
	if q == nil {
		q = &queue{hash: h}
		l.queue[h] = q
		l.turns = append(l.turns, q)
	}
	if n := len(q.shares); n == 0 || q.shares[n-1].Egress != e {
		q.shares = append(q.shares, &share{Egress: e})
		e.shares++
	}
	s := q.shares[len(q.shares)-1]
	s.messages = append(s.messages, m)
}

// turn publishes some of what waits with the key that has waited longest.
func (l *lane) turn() {
	q := l.turns[0]
	l.turns = append(l.turns[:0], l.turns[1:]...)
	for left := turnBytes; left > 0 && len(q.shares) > 0; {
		s := q.shares[0]
		left -= s.take(&l.part, left)
		l.publishPart(s.Egress)
		if s.message == len(s.messages) {
			l.done(q)
		}
	}
	if len(q.shares) == 0 {
		delete(l.queue, q.hash)
		return
	}
	l.turns = append(l.turns, q)
}

// done is for the first share of q, which has been published.
func (l *lane) done(q *queue) {
	e := q.shares[0].Egress
	q.shares[0] = nil
	q.shares = q.shares[1:]
	if e.shares--; e.shares == 0 {
		l.finish(e)
	}
}

// take makes part what s publishes next, about so many bytes, and returns how many.
func (s *share) take(part *Egress, bytes int) (taken int) {
	messages := part.Messages[:0]
	for taken < bytes && s.message < len(s.messages) {
		m := s.messages[s.message]
		each := int(m.each)
		n := min(m.Copies()-s.copy, (bytes-taken+each-1)/each)
		m.subjects.Off += uint32(s.copy)
		m.subjects.Len = uint32(n)
		messages = append(messages, m)
		taken += n * each
		if s.copy += n; s.copy == s.messages[s.message].Copies() {
			s.message, s.copy = s.message+1, 0
		}
	}
	part.Messages = messages
	return taken
}
