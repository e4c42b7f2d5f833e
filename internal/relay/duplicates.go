package relay

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/fedrelay/fedrelay/wire"
)

// duplicates finds repeated subjects in the list of a message. It is for one goroutine, and keeps
// its table from message to message.
type duplicates struct {
	seed maphash.Seed

	// table is a hash table with open addressing. The upper half of a slot is the upper half of the
	// subject's hash, the lower half is base plus the position of the subject in the list. A lower
	// half that is less than base belongs to an earlier message, so the table need not be cleared
	// for each message.
	table []uint64
	base  uint32
}

// drop removes from subjects, which are spans of msg, each one that repeats an earlier one. The
// others move to the beginning of the slice, in order. It returns how many are left, and the first
// one that was removed.
func (d *duplicates) drop(msg []byte, subjects []wire.Span) (left int, first wire.Span) {
	if ascending(msg, subjects) {
		return len(subjects), wire.Span{}
	}
	table := d.slots(len(subjects))
	left = d.add(table, msg, subjects, 0)
	if left == len(subjects) {
		d.base += uint32(left)
		return left, wire.Span{}
	}
	first = subjects[left]
	for _, s := range subjects[left+1:] {
		subjects[left] = s
		left = d.add(table, msg, subjects[:left+1], left)
	}
	d.base += uint32(len(subjects))
	return left, first
}

// add enters subjects[from:] into a table that has subjects[:from]. It stops at a subject that is
// in the table already and returns its position, or else len(subjects). A list without repeats
// takes one call.
func (d *duplicates) add(table []uint64, msg []byte, subjects []wire.Span, from int) int {
	mask := uint64(len(table) - 1)
	for i := from; i < len(subjects); i++ {
		subject := subjects[i].Of(msg)
		hash := maphash.Bytes(d.seed, subject)
		for slot := hash & mask; ; slot = (slot + 1) & mask {
			position := uint32(table[slot]) - d.base
			if position >= uint32(len(subjects)) {
				table[slot] = hash>>32<<32 | uint64(d.base+uint32(i))
				break
			}
			if table[slot]>>32 == hash>>32 && bytes.Equal(subjects[position].Of(msg), subject) {
				return i
			}
		}
	}
	return len(subjects)
}

// ascending reports whether each subject is greater than the one before it, as in the lists of most
// clients. Such a list has no repeats.
func ascending(msg []byte, subjects []wire.Span) bool {
	var before []byte
	for _, s := range subjects {
		subject := s.Of(msg)
		if bytes.Compare(before, subject) >= 0 {
			return false
		}
		before = subject
	}
	return true
}

// slots returns a table with room for n subjects, and with no subject of the message at hand.
func (d *duplicates) slots(n int) []uint64 {
	size := 1 << bits.Len(uint(2*n))
	if len(d.table) < size {
		d.table, d.base = make([]uint64, size), 1
	} else if d.base > math.MaxUint32-uint32(n) {
		clear(d.table)
		d.base = 1
	}
	return d.table[:size]
}
