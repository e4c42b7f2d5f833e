package web

import (
	"encoding/binary"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A cell is what is known of one target of a request.
type cell = byte

const (
	cellWaiting  cell = iota // no reply has come through this process
	cellAnswered             // at least one has
	cellDenied               // the server did not let the copy pass
)

// A roll is the nodes that a request names, by their marks.
type roll struct {
	targets []string // of one node each
	marks   []uint32 // of the names of these nodes
}

// rollOf returns the nodes of a request. Targets that address several nodes are left out.
func rollOf(r *state.Request) roll {
	l := roll{make([]string, 0, len(r.Names)), make([]uint32, 0, len(r.Names))}
	for _, target := range r.Names {
		if mark, ok := r.MarkOf(target); ok {
			l.targets = append(l.targets, target)
			l.marks = append(l.marks, mark)
		}
	}
	return l
}

// cells returns a cell for each node, and how many others have answered.
func (l *roll) cells(r *state.Request) (cells []cell, others int) {
	answered := make(map[uint32]bool, len(r.Answered))
	for _, mark := range r.Answered {
		answered[mark] = true
	}
	denied := make(map[string]bool, len(r.Denied))
	for _, target := range r.Denied {
		denied[target] = true
	}
	others = len(answered)
	cells = make([]cell, len(l.marks))
	for i, mark := range l.marks {
		switch {
		case answered[mark]:
			cells[i] = cellAnswered
			others--
		case len(denied) > 0 && denied[l.targets[i]]:
			cells[i] = cellDenied
		}
	}
	return cells, max(others, 0)
}

// pack puts four cells into each byte, the first into the lowest bits.
func pack(cells []cell) []byte {
	packed := make([]byte, (len(cells)+3)/4)
	for i, c := range cells {
		packed[i/4] |= c << (i % 4 * 2)
	}
	return packed
}

// changes returns a varint for each cell that differs: how many cells after the last such one it
// comes, times four, plus the new cell. Both must have the same length.
func changes(before, after []cell) []byte {
	var text []byte
	last := 0
	for i, c := range after {
		if c != before[i] {
			text = binary.AppendUvarint(text, uint64(i-last)<<2|uint64(c))
			last = i
		}
	}
	return text
}
