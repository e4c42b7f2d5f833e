package recent

import (
	"encoding/binary"
	"hash/maphash"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// Requests remembers the requests that one instance has carried. A nil one remembers nothing. All
// methods may be called from any goroutine.
type Requests struct {
	seed    maphash.Seed
	records int
	denials *denials

	mu    lock.Mutex[Requests]
	table table
	all   []request // by the index of their slot
	arena arena     // texts of requests
}

// A request is what is known of one request. Its texts are in a chain of pieces.
type request struct {
	first, last       int64 // when messages came, in ns of Unix time
	settled           int64 // when copies were settled last, in ns of Unix time
	messages, targets uint32
	copies, answered  uint32 // answered: confirmed or denied
	denied            uint32 // of answered, those that are known by their mark
	fates             [pipeline.NumFates]uint32
	names             uint32 // bytes of names in the arena
	forgotten         bool   // names are missing
	head, text        uint64 // places of the first piece and of the last one
}

// kind says what is in a piece.
type kind uint32

const (
	headPiece  kind = iota // lengths of request id and sender, then id, sender and reply subject
	namesPiece             // a part of a list of targets that begins at a string
	morePiece              // the part behind the last one
	skipPiece              // a reason, and how many targets were skipped
	marksPiece             // marks of nodes
)

// A Message is what is kept of a message of a request. Its texts are borrowed.
type Message struct {
	ID, Sender, ReplyTo []byte
	Received            time.Time
	Targets             int    // that it names
	Copies              int    // that are sent
	Names               []byte // its targets as JSON strings, with anything but quotes between them
}

// Note remembers an accepted message, and returns the mark of its copies. It does not block.
func (q *Requests) Note(m *Message) (mark uint32) {
	if q == nil {
		return 0
	}
	hash := maphash.Bytes(q.seed, m.ID)
	at := m.Received.UnixNano()
	q.mu.Lock()
	defer q.mu.Unlock()
	r, mark := q.of(hash, m)
	if r.messages == 0 {
		r.first = at
	}
	r.last = at
	r.messages++
	r.targets += uint32(m.Targets)
	r.copies += uint32(m.Copies)
	q.keepNames(r, m.Names)
	return mark
}

// of returns the record of a request. mu is held.
func (q *Requests) of(hash uint64, m *Message) (*request, uint32) {
	if q.all == nil {
		q.table, q.all = newTable(q.records), make([]request, q.records)
	}
	i := q.table.find(hash)
	if i < 0 {
		i = q.table.add(hash)
		head := addHead(&q.arena, m.ID, m.Sender, m.ReplyTo)
		q.all[i] = request{head: head, text: head}
	}
	return &q.all[i], q.table.slots[i].mark
}

// addHead adds the first piece of a request.
func addHead(a *arena, id, sender, replyTo []byte) (at uint64) {
	id, sender, replyTo = clip(id, mostID), clip(sender, mostSender), clip(replyTo, mostSubject)
	at, data := a.add(nowhere, headPiece, 4+len(id)+len(sender)+len(replyTo))
	binary.LittleEndian.PutUint16(data, uint16(len(id)))
	binary.LittleEndian.PutUint16(data[2:], uint16(len(sender)))
	n := 4 + copy(data[4:], id)
	n += copy(data[n:], sender)
	copy(data[n:], replyTo)
	return at
}

// keepNames keeps the targets of a message, unless the request has a lot of them already: it must
// not push out all others, nor its own head. mu is held.
func (q *Requests) keepNames(r *request, names []byte) {
	if int(r.names)+len(names) > q.arena.bytes()/2 {
		r.forgotten = true
		return
	}
	r.names += uint32(len(names))
	for k := namesPiece; len(names) > 0; k = morePiece {
		n := min(len(names), q.arena.longest())
		if room := q.arena.room(); room >= min(n, leastPart) {
			n = min(n, room)
		}
		var data []byte
		r.text, data = q.arena.add(r.text, k, n)
		names = names[copy(data, names):]
	}
}

// leastPart is how many bytes the first part of a list must have at least. What is left of a
// segment that has less room is wasted.
const leastPart = 512

// Skipped remembers that targets of a message got no copy.
func (q *Requests) Skipped(mark uint32, reason wire.Reason, targets int) {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := q.table.marked(mark); i >= 0 {
		r := &q.all[i]
		r.fates[pipeline.Skipped] += uint32(targets)
		var data []byte
		r.text, data = q.arena.add(r.text, skipPiece, 8)
		binary.LittleEndian.PutUint32(data, uint32(reason))
		binary.LittleEndian.PutUint32(data[4:], uint32(targets))
	}
}

// Settled remembers what became of marked copies. Confirmed may be denied ones as well, which
// Denied knows by their subjects. It does not block.
func (q *Requests) Settled(f pipeline.Fate, all []pipeline.Marked) {
	if q == nil {
		return
	}
	now := time.Now().UnixNano()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range all {
		i := q.table.marked(m.Mark)
		if i < 0 {
			continue
		}
		r := &q.all[i]
		r.settled = now
		switch f {
		case pipeline.Confirmed:
			r.answered += m.Copies
		case pipeline.Denied:
			r.answered += m.Copies
			r.denied += m.Copies
		default:
			r.fates[f] += m.Copies
		}
	}
}

// Denied remembers that the server has denied a copy to a subject. It does not block.
func (q *Requests) Denied(subject string, at time.Time) {
	if q != nil {
		q.denials.add(subject, at)
	}
}
