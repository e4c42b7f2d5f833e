package relay

import (
	"bytes"
	"hash/maphash"
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
	seed  maphash.Seed
	table []slot
	round uint32
}

// A slot holds a target, by position, if round is the present one.
type slot struct{ round, position uint32 }

// tooMany tells whether too many of targets, spans of msg, are repetitions.
func (d *duplicates) tooMany(msg []byte, targets []wire.Span) bool {
	allowed := max(freeDuplicates, len(targets)/duplicatesPerTarget)
	if len(targets) <= allowed+1 {
		return false
	}
	d.grow(len(targets))
	found := 0
	for i, t := range targets {
		if d.seen(msg, targets, t.Of(msg), i) {
			found++
		}
	}
	return found > allowed
}

// grow makes room for n targets and forgets those of the last message.
func (d *duplicates) grow(n int) {
	size := 1 << bits.Len(uint(2*n))
	if len(d.table) < size || d.round == 1<<32-1 {
		d.table, d.round = make([]slot, size), 0
	}
	d.round++
}

// seen tells whether target stands at an earlier position than i, and remembers it if not.
func (d *duplicates) seen(msg []byte, targets []wire.Span, target []byte, i int) bool {
	mask := uint64(len(d.table) - 1)
	for at := maphash.Bytes(d.seed, target) & mask; ; at = (at + 1) & mask {
		s := &d.table[at]
		if s.round != d.round {
			*s = slot{d.round, uint32(i)}
			return false
		}
		if bytes.Equal(targets[s.position].Of(msg), target) {
			return true
		}
	}
}
