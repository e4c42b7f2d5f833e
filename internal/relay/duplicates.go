package relay

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/fedrelay/fedrelay/wire"
)

// Some targets may be named twice, as the incumbent allows; a message that names the same ones again and again is an
// attempt to flood a node.
const (
	freeDuplicates      = 10
	duplicatesPerTarget = 100 // one in so many
)

// duplicates counts repeated subjects. It is used by one goroutine and keeps its table from message to message.
type duplicates struct {
	seed maphash.Seed

	// Each slot holds a position in the target list, base added, and above it the upper half of the target's hash. What is
	// below base is of an earlier message.
	table []uint64
	base  uint32
}

// tooMany tells whether too many of targets, spans of msg, are repetitions.
func (d *duplicates) tooMany(msg []byte, targets []wire.Span) bool {
	allowed := max(freeDuplicates, len(targets)/duplicatesPerTarget)
	if len(targets) <= allowed+1 {
		return false
	}
	found, sorted := countSorted(msg, targets)
	if !sorted {
		found = d.count(msg, targets)
	}
	return found > allowed
}

// countSorted counts repetitions in a list in ascending order, as most clients send it; sorted is false for another.
func countSorted(msg []byte, targets []wire.Span) (found int, sorted bool) {
	before := targets[0].Of(msg)
	for _, t := range targets[1:] {
		target := t.Of(msg)
		switch bytes.Compare(before, target) {
		case 0:
			found++
		case 1:
			return 0, false
		}
		before = target
	}
	return found, true
}

// count counts repetitions in any list.
func (d *duplicates) count(msg []byte, targets []wire.Span) (found int) {
	table := d.slots(len(targets))
	mask := uint64(len(table) - 1)
	for i, t := range targets {
		target := t.Of(msg)
		hash := maphash.Bytes(d.seed, target)
		for at := hash & mask; ; at = (at + 1) & mask {
			position := uint32(table[at]) - d.base
			if position >= uint32(len(targets)) {
				table[at] = hash>>32<<32 | uint64(d.base+uint32(i))
				break
			}
			if table[at]>>32 == hash>>32 && bytes.Equal(targets[position].Of(msg), target) {
				found++
				break
			}
		}
	}
	d.base += uint32(len(targets))
	return found
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
