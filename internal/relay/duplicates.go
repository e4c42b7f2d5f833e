package relay

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/fedrelay/fedrelay/wire"
)

// duplicates finds subjects that repeat. It is used by one goroutine and keeps its table from message to message.
type duplicates struct {
	seed maphash.Seed

	// Each slot holds a position in the target list, base added, and above it the upper half of the target's hash. What is
	// below base is of an earlier message.
	table []uint64
	base  uint32
}

// drop takes out of subjects, spans of msg, what repeats one in front of it. It returns how many are left, in their order
// and at the beginning of the slice, and the first that was taken out.
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

// add puts subjects, from one on, into the table that has those in front, and stops at one that is there already. It returns
// how many it has then. Lists without any take this one loop.
func (d *duplicates) add(table []uint64, msg []byte, subjects []wire.Span, from int) int {
	mask := uint64(len(table) - 1)
	for i := from; i < len(subjects); i++ {
		subject := subjects[i].Of(msg)
		hash := maphash.Bytes(d.seed, subject)
		for at := hash & mask; ; at = (at + 1) & mask {
			position := uint32(table[at]) - d.base
			if position >= uint32(len(subjects)) {
				table[at] = hash>>32<<32 | uint64(d.base+uint32(i))
				break
			}
			if table[at]>>32 == hash>>32 && bytes.Equal(subjects[position].Of(msg), subject) {
				return i
			}
		}
	}
	return len(subjects)
}

// ascending reports whether each subject is greater than the one in front of it, as in the lists of most clients.
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

// slots returns a table for n targets without one of the present message.
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
