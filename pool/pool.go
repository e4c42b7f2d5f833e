package pool

import (
	"slices"
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

// Get lends an empty buffer with room for size bytes. It returns a buffer the caller must Release.
func (p *Pool) Get(size int) *Buffer {
	b, _ := p.handles.Get().(*Buffer)
	if b == nil {
		b = &Buffer{pool: p}
	}
	mem := p.memory.Get()
	b.mem, b.B = mem, slices.Grow(mem.B[:0], size)
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
	switch n := b.refs.Add(-1); {
	case n > 0:
		return
	case n < 0:
		panic("pool: BUG: Release of a buffer that was returned")
	}
	b.pool.inUse.Add(-1)
	b.pool.recycle(b)
}
