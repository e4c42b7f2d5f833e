package recent

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Replies remembers who has answered requests through one instance. A nil one remembers nothing.
// Note and Conclude are for one goroutine at a time, that which routes replies. It alone changes
// what is guarded by mu, so it reads that without it.
type Replies struct {
	seed    maphash.Seed
	records int

	// Of the batch at hand.
	waiting []waiting // noted, and not entered yet
	at      int64     // when the batch came, in ns of Unix time
	id      []byte    // of the last reply
	slot    int       // of id; -1 if there is no id

	mu    lock.Mutex[Replies]
	table table
	all   []replies // by the index of their slot
	arena arena
}

// replies are those to one request. The marks of their senders are in a chain of pieces.
type replies struct {
	first, last int64 // ns of Unix time
	count       uint32
	room        uint32 // marks that still have room in the last piece
	piece       uint32 // marks in the last piece, at most
	head, marks uint64 // places of the first piece and of the last one
}

// A waiting reply has come, and is not entered yet.
type waiting struct {
	slot int32
	mark uint32
}

const (
	// mostWaiting is how many replies wait until they are entered.
	mostWaiting = 256
	// firstMarks and mostMarks are how many marks the first piece of a request has, and a later
	// one at most. Each has twice as many as the one before.
	firstMarks, mostMarks = 8, 256
)

// Note remembers a reply from a sender. Questions see it after Conclude. It does not block.
func (q *Replies) Note(id, sender []byte, received time.Time) {
	if q == nil || len(id) == 0 {
		return
	}
	if len(q.waiting) == 0 {
		q.at = received.UnixNano()
	}
	if !bytes.Equal(id, q.id) || len(q.id) == 0 {
		q.look(id)
	}
	q.waiting = append(q.waiting, waiting{int32(q.slot), state.Mark(sender)})
	if len(q.waiting) >= mostWaiting {
		q.Conclude()
	}
}

// look makes the record of id that of the next replies.
func (q *Replies) look(id []byte) {
	hash := maphash.Bytes(q.seed, id)
	q.id = append(q.id[:0], id...)
	if q.slot = q.table.find(hash); q.slot >= 0 {
		return
	}
	q.Conclude() // the new record may take the place of one that replies wait for
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all == nil {
		q.table, q.all = newTable(q.records), make([]replies, q.records)
		q.waiting = make([]waiting, 0, mostWaiting)
	}
	q.slot = q.table.add(hash)
	head := addHead(&q.arena, id, nil, nil)
	q.all[q.slot] = replies{head: head, marks: head}
}

// Conclude enters all replies that were noted.
func (q *Replies) Conclude() {
	if q == nil || len(q.waiting) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for left := q.waiting; len(left) > 0; {
		slot, n := left[0].slot, 1
		for n < len(left) && left[n].slot == slot {
			n++
		}
		q.enter(&q.all[slot], left[:n])
		left = left[n:]
	}
	q.waiting = q.waiting[:0]
}

// enter enters replies to one request. mu is held.
func (q *Replies) enter(r *replies, all []waiting) {
	if r.count == 0 {
		r.first = q.at
	}
	r.last = q.at
	r.count += uint32(len(all))
	for len(all) > 0 {
		if r.room == 0 || !q.arena.kept(r.marks) {
			q.makeRoom(r)
		}
		_, _, data := q.arena.get(r.marks)
		n := min(len(all), int(r.room))
		data = data[4*(r.piece-r.room):]
		for i, w := range all[:n] {
			binary.LittleEndian.PutUint32(data[4*i:], w.mark)
		}
		r.room -= uint32(n)
		all = all[n:]
	}
}

// makeRoom begins another piece of marks. mu is held.
func (q *Replies) makeRoom(r *replies) {
	most := min(mostMarks, uint32(q.arena.longest())/4)
	r.piece = min(max(firstMarks, 2*r.piece), most)
	r.room = r.piece
	r.marks, _ = q.arena.add(r.marks, marksPiece, 4*int(r.piece))
}
