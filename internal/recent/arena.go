package recent

import (
	"encoding/binary"
	"math/bits"
)

// An arena keeps pieces of bytes until their memory is needed for later ones. It is a ring of
// segments, of which the oldest is overwritten as a whole. Pieces are chained: each knows the one
// before it.
type arena struct {
	size     uint64   // of a segment, a power of 2
	shift    int      // of its number in a place
	most     int      // segments
	segments [][]byte // the n-th one is at n modulo most
	at       uint64   // the place of the next piece: its segment times size, and an offset
}

const (
	// headerSize is how many bytes a piece has in front of its data: the place of the piece before
	// it, its length and its kind.
	headerSize = 16
	// mostSegment and leastSegment bound the size of a segment. A question copies at most so much
	// under a lock.
	mostSegment, leastSegment = 64 << 10, 2 << 10
)

// nowhere is the place of no piece.
const nowhere = ^uint64(0)

// newArena returns an arena of about so many bytes.
func newArena(bytes int) arena {
	shift := bits.Len(uint(min(max(bytes/16, leastSegment), mostSegment))) - 1
	return arena{size: 1 << shift, shift: shift, most: max(2, bytes>>shift)}
}

// bytes returns how many bytes the arena has when it is full.
func (a *arena) bytes() int { return a.most << a.shift }

// add makes a piece of n bytes behind the piece at before. n must be at most longest.
func (a *arena) add(before uint64, k kind, n int) (at uint64, data []byte) {
	if a.room() < n { // then the piece behind the last one is not at the beginning of a segment
		a.at += a.size - a.at&(a.size-1)
	}
	at = a.at
	piece := a.segment()[at&(a.size-1):]
	a.at += uint64(headerSize + n)
	binary.LittleEndian.PutUint64(piece, before)
	binary.LittleEndian.PutUint32(piece[8:], uint32(n))
	binary.LittleEndian.PutUint32(piece[12:], uint32(k))
	return at, piece[headerSize : headerSize+n]
}

// longest is the most bytes that a piece may have.
func (a *arena) longest() int { return int(a.size) - headerSize }

// room returns how many bytes a piece may have that is to fit behind the last one. It may be less
// than none.
func (a *arena) room() int {
	return int(a.size-a.at&(a.size-1)) - headerSize
}

// segment returns the segment of the next piece.
func (a *arena) segment() []byte {
	n := int(a.at >> a.shift)
	if i := n % a.most; i < len(a.segments) {
		return a.segments[i]
	}
	s := make([]byte, a.size)
	a.segments = append(a.segments, s)
	return s
}

// kept reports whether a piece has not been overwritten.
func (a *arena) kept(at uint64) bool {
	newest := (max(a.at, 1) - 1) >> a.shift
	return at != nowhere && at>>a.shift+uint64(a.most) > newest
}

// get returns the piece at a place where it is kept. data aliases a.
func (a *arena) get(at uint64) (before uint64, k kind, data []byte) {
	piece := a.segments[int(at>>a.shift)%a.most][at&(a.size-1):]
	n := binary.LittleEndian.Uint32(piece[8:])
	return binary.LittleEndian.Uint64(piece), kind(binary.LittleEndian.Uint32(piece[12:])),
		piece[headerSize : headerSize+int(n)]
}
