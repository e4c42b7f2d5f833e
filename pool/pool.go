// Package pool lends byte buffers that are shared by counting references.
//
// # Ownership
//
// [Pool.Get] lends a [Buffer] with one reference. [Buffer.Retain] adds one for a second owner, [Buffer.Release] gives one
// back; the last Release returns the memory. A Release too many is a bug in the caller and panics.
//
// A pool knows how many of its buffers are lent and how many bytes they hold: InUse is 0 when nothing is in flight, which
// every test that makes a pool asserts at its end.
//
// Built with the tag pooldebug, the bytes of a returned buffer are overwritten, so that a late reader shows itself.
package pool

import (
	"sync"
	"sync/atomic"

	"github.com/valyala/bytebufferpool"
)

// A Pool lends buffers. The zero value is ready to use; all methods may be called from many goroutines.
type Pool struct {
	memory  bytebufferpool.Pool // learns the usual size and drops outliers
	handles sync.Pool           // *Buffer without memory

	inUse atomic.Int64
}

// Get lends an empty buffer. It returns a buffer the caller must Release.
func (p *Pool) Get() *Buffer {
	b, _ := p.handles.Get().(*Buffer)
	if b == nil {
		b = &Buffer{pool: p}
	}
	mem := p.memory.Get()
	b.mem, b.B = mem, mem.B[:0]
	b.refs.Store(1)
	p.inUse.Add(1)
	return b
}

// InUse is the number of buffers lent and not yet returned.
func (p *Pool) InUse() int64 { return p.inUse.Load() }

// A Buffer is a growing run of bytes with an owner count. Only the sole owner may append to B; while it has more than one
// owner its bytes are read-only.
type Buffer struct {
	// B holds the bytes. Append to it freely: B = append(B, ...).
	B []byte

	// Owned by the pool.
	pool *Pool
	mem  *bytebufferpool.ByteBuffer
	refs atomic.Int32
}

// Retain adds an owner and returns b. It panics when b has already been returned.
func (b *Buffer) Retain() *Buffer {
	if b.refs.Add(1) <= 1 {
		panic("pool: BUG: Retain of a buffer that was returned")
	}
	return b
}

// Release gives up one ownership; the last one returns the memory to the pool. It panics when nobody owns b.
func (b *Buffer) Release() {
	n := b.refs.Add(-1)
	if n > 0 {
		return
	}
	if n < 0 {
		panic("pool: BUG: Release of a buffer that was returned")
	}
	scrub(b.B)
	b.mem.B = b.B
	b.pool.memory.Put(b.mem)
	b.mem, b.B = nil, nil
	b.pool.inUse.Add(-1)
	b.pool.handles.Put(b)
}
