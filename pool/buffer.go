package pool

import (
	"sync/atomic"

	"github.com/valyala/bytebufferpool"
)

// A Buffer is a growing run of bytes with a count of its owners. Only a sole owner may append to B.
// While there are more owners the bytes are read-only.
type Buffer struct {
	// B holds the bytes. Append to it freely: B = append(B, ...). Past its capacity Go allocates,
	// which Lent does not see; a call of Grow before avoids that. B may be shortened at its end. If
	// it is cut at its front, or replaced, its memory is not used again.
	B []byte

	// Owned by the pool.
	pool    *Pool
	mem     *bytebufferpool.ByteBuffer // without bytes; carries B back to its class
	charged int64                      // bytes that Lent counts for it
	owners  atomic.Int32
}

// Grow makes room for n more bytes: that many can then be appended without allocating. If the
// memory has no room for them the bytes move to a larger class, and the old memory returns to the
// pool: slices of B made before must not be used any more. It panics unless there is one owner. It
// never blocks.
func (b *Buffer) Grow(n int) {
	if b.owners.Load() != 1 {
		panic("pool: BUG: Grow of a buffer that does not have one owner")
	}
	if n > cap(b.B)-len(b.B) {
		b.move(len(b.B) + n)
	}
}

// move moves the bytes to memory of size bytes or more.
func (b *Buffer) move(size int) {
	mem := b.pool.take(size)
	mem.B = append(mem.B, b.B...)
	before := b.charged
	b.pool.give(b)
	b.hold(mem)
	b.pool.charge(b.charged - before)
}

// hold makes mem the memory of b. mem keeps no reference to the bytes: when an append moves them,
// the garbage collector may have the old ones.
func (b *Buffer) hold(mem *bytebufferpool.ByteBuffer) {
	b.mem, b.B, b.charged = mem, mem.B, int64(cap(mem.B))
	mem.B = nil
}

// Retain adds an owner and returns b. It panics if b has been returned to the pool.
func (b *Buffer) Retain() *Buffer {
	if b.owners.Add(1) <= 1 {
		panic("pool: BUG: Retain of a buffer that was returned")
	}
	return b
}

// Release takes one owner away. The last one's returns the memory to the pool. It panics if there
// is no owner.
func (b *Buffer) Release() {
	switch n := b.owners.Add(-1); {
	case n > 0:
		return
	case n < 0:
		panic("pool: BUG: Release of a buffer that was returned")
	}
	p, bytes := b.pool, b.charged
	p.recycle(b) // from here on b may belong to somebody else
	p.charge(-bytes)
	p.inUse.Add(-1)
}
