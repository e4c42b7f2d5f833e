package pool

import (
	"math/bits"

	"github.com/valyala/bytebufferpool"
)

// Sizes of classes, in bytes. Each is four times the one before.
const (
	classes  = 5
	smallest = 4 << 10
	largest  = smallest << (2 * (classes - 1))
)

// classOf returns the smallest class with room for size bytes. If there is none it returns classes.
func classOf(size int) int {
	if size < 0 {
		panic("pool: BUG: negative size")
	}
	doublings := bits.Len(uint(max(size, 1)-1) / smallest)
	return min((doublings+1)/2, classes)
}

func classSize(class int) int { return smallest << (2 * class) }

// take returns empty memory for size bytes, from its class or new.
func (p *Pool) take(size int) *bytebufferpool.ByteBuffer {
	class := classOf(size)
	if class == classes {
		mib := (size-1)/largest + 1
		return &bytebufferpool.ByteBuffer{B: make([]byte, 0, mib*largest)}
	}
	mem := p.memory[class].Get()
	if want := classSize(class); cap(mem.B) != want {
		mem.B = make([]byte, 0, want) // new, with a size that bytebufferpool chose
	}
	return mem
}
