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

	known [1 << knownBits]known // records of ids that have come lately, by indexOf

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

// A known id is that of a record. It spares replies the hash and the table.
type known struct {
	id   []byte
	slot int32
}

const knownBits = 4

// indexOf returns where in Replies.known an id is, if it is known. Ids end with what is random.
func indexOf(id []byte) int {
	if len(id) < 8 {
		return 0
	}
	const factor = 0x9e3779b97f4a7c15 // mixes all bits into the highest ones
	return int(binary.LittleEndian.Uint64(id[len(id)-8:]) * factor >> (64 - knownBits))
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
	k := &q.known[indexOf(id)]
	if !bytes.Equal(id, k.id) {
		q.look(k, id)
	}
	q.waiting = append(q.waiting, waiting{k.slot, state.Mark(sender)})
	if len(q.waiting) >= mostWaiting {
		q.Conclude()
	}
}

// look makes k the record of id, which is a new one if there is none.
func (q *Replies) look(k *known, id []byte) {
	hash := maphash.Bytes(q.seed, id)
	slot := q.table.find(hash)
	if slot < 0 {
		q.Conclude() // the new record may take the place of one that replies wait for
		slot = q.add(hash, id)
	}
	if k.id, k.slot = k.id[:0], int32(slot); len(id) <= mostID {
		k.id = append(k.id, id...)
	}
}

// add returns the slot of a new record.
func (q *Replies) add(hash uint64, id []byte) (slot int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all == nil {
		q.table, q.all = newTable(q.records), make([]replies, q.records)
		q.waiting = make([]waiting, 0, mostWaiting)
	}
	slot = q.table.add(hash)
	head := addHead(&q.arena, id, nil, nil)
	q.all[slot] = replies{head: head, marks: head}
	for i := range q.known {
		if k := &q.known[i]; int(k.slot) == slot {
			k.id = k.id[:0] // that of the record before
		}
	}
	return slot
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
