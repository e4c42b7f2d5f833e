package recent

import "encoding/binary"

// An arena keeps chunks of bytes until their memory is needed for later ones. It is a ring of
// segments, of which the oldest is overwritten as a whole. Chunks are chained: each knows the one
// before it.
type arena struct {
	segmentSize int
	most        int      // segments
	segments    [][]byte // the n-th one is at n modulo most
	at          uint64   // the place of the next chunk: its segment times segmentSize, and an offset
}

const (
	// headerSize is how many bytes a chunk has in front of its data: the place of the chunk before
	// it, its length and its kind.
	headerSize = 16
	// mostSegment and leastSegment bound the size of a segment. A question copies at most so much
	// under a lock.
	mostSegment, leastSegment = 64 << 10, 2 << 10
)

// nowhere is the place of no chunk.
const nowhere = ^uint64(0)

// newArena returns an arena of about so many bytes.
func newArena(bytes int) arena {
	size := min(max(bytes/16, leastSegment), mostSegment)
	return arena{segmentSize: size, most: max(2, bytes/size)}
}

// add makes a chunk of n bytes behind the chunk at before. n must be at most longest.
func (a *arena) add(before uint64, k kind, n int) (at uint64, data []byte) {
	if a.room() < n { // then the chunk behind the last one is not at the beginning of a segment
		a.at += uint64(a.segmentSize) - a.at%uint64(a.segmentSize)
	}
	at = a.at
	chunk := a.segment()[at%uint64(a.segmentSize):]
	a.at += uint64(headerSize + n)
	binary.LittleEndian.PutUint64(chunk, before)
	binary.LittleEndian.PutUint32(chunk[8:], uint32(n))
	binary.LittleEndian.PutUint32(chunk[12:], uint32(k))
	return at, chunk[headerSize : headerSize+n]
}

// longest is the most bytes that a chunk may have.
func (a *arena) longest() int { return a.segmentSize - headerSize }

// room returns how many bytes a chunk may have that is to fit behind the last one. It may be less
// than none.
func (a *arena) room() int {
	return a.segmentSize - int(a.at%uint64(a.segmentSize)) - headerSize
}

// segment returns the segment of the next chunk.
func (a *arena) segment() []byte {
	n := int(a.at / uint64(a.segmentSize))
	if i := n % a.most; i < len(a.segments) {
		return a.segments[i]
	}
	s := make([]byte, a.segmentSize)
	a.segments = append(a.segments, s)
	return s
}

// kept reports whether a chunk has not been overwritten.
func (a *arena) kept(at uint64) bool {
	size := uint64(a.segmentSize)
	newest := (max(a.at, 1) - 1) / size
	return at != nowhere && at/size+uint64(a.most) > newest
}

// get returns the chunk at a place where it is kept. data aliases a.
func (a *arena) get(at uint64) (before uint64, k kind, data []byte) {
	size := uint64(a.segmentSize)
	chunk := a.segments[int(at/size)%a.most][at%size:]
	n := binary.LittleEndian.Uint32(chunk[8:])
	return binary.LittleEndian.Uint64(chunk), kind(binary.LittleEndian.Uint32(chunk[12:])),
		chunk[headerSize : headerSize+int(n)]
}
