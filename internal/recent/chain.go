package recent

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/fedrelay/fedrelay/wire"
)

// copyPiece copies a piece while mu is held. It returns false if the piece is overwritten.
func copyPiece(mu sync.Locker, a *arena, at uint64) (before uint64, k kind, data []byte, kept bool) {
	mu.Lock()
	defer mu.Unlock()
	if !a.kept(at) {
		return nowhere, 0, nil, false
	}
	before, k, data = a.get(at)
	return before, k, bytes.Clone(data), true
}

// texts is what the pieces of a request hold.
type texts struct {
	id, sender, replyTo []byte
	names               []byte
	skipped             map[string]int64
	lost                bool // some are overwritten
}

// texts reads the pieces of a request, one at a time, the last one first.
func (q *Requests) texts(r *request) (t texts) {
	var parts [][]byte // of names, the last one first
	var kinds []kind
	for at := r.text; at != nowhere; {
		before, k, data, kept := copyPiece(&q.mu, &q.arena, at)
		switch {
		case !kept:
			t.lost = true
		case k == headPiece:
			t.id, t.sender, t.replyTo = takeHead(data)
		case k == skipPiece:
			t.skip(data)
		default:
			parts, kinds = append(parts, data), append(kinds, k)
		}
		at = before
	}
	for n := len(parts); n > 0 && kinds[n-1] == morePiece; n-- {
		parts = parts[:n-1] // the beginning of that list is overwritten
	}
	slices.Reverse(parts)
	t.names = bytes.Join(parts, nil)
	return t
}

func (t *texts) skip(data []byte) {
	if t.skipped == nil {
		t.skipped = make(map[string]int64)
	}
	reason := wire.Reason(binary.LittleEndian.Uint32(data))
	t.skipped[reason.String()] += int64(binary.LittleEndian.Uint32(data[4:]))
}

// takeHead takes the first piece of a request apart. The results alias it.
func takeHead(data []byte) (id, sender, replyTo []byte) {
	ofID, ofSender := binary.LittleEndian.Uint16(data), binary.LittleEndian.Uint16(data[2:])
	data = data[4:]
	return data[:ofID], data[ofID : ofID+ofSender], data[ofID+ofSender:]
}

// marksOf reads the pieces of marks, one at a time. r is a copy of the record. Marks that came
// after it was made are left out.
func (q *Replies) marksOf(r *replies) (marks []uint32, lost bool) {
	n := int(r.piece - r.room) // in the last piece
	for at := r.marks; at != nowhere; {
		before, k, data, kept := copyPiece(&q.mu, &q.arena, at)
		switch {
		case !kept:
			return marks, true
		case k == headPiece:
			return marks, false
		}
		for i := range min(n, len(data)/4) {
			marks = append(marks, binary.LittleEndian.Uint32(data[4*i:]))
		}
		at, n = before, len(data)/4
	}
	return marks, false
}
