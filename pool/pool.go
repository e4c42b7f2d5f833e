package pool

import (
	"sync"
	"sync/atomic"

	"github.com/valyala/bytebufferpool"
)

// A Pool lends buffers. The zero value is ready to use; all methods may be called from many goroutines.
type Pool struct {
	memory  [classes]bytebufferpool.Pool // of one size each
	handles sync.Pool                    // *Buffer without memory

	// In this order at Get, in reverse at Release: nobody ever sees bytes lent and no buffer.
	inUse atomic.Int64
	lent  atomic.Int64 // bytes
	peak  atomic.Int64 // of lent, since it was last asked for

	queue queue // of those in Wait
}

// Get lends an empty buffer with room for size bytes; 0 gives the smallest there is. It returns a buffer the caller must
// Release. It never blocks, however much is lent: see [Pool.WaitForRoom].
func (p *Pool) Get(size int) *Buffer {
	mem := p.take(size)
	b, _ := p.handles.Get().(*Buffer)
	if b == nil {
		b = &Buffer{pool: p}
	}
	b.hold(mem)
	b.refs.Store(1)
	p.inUse.Add(1)
	p.charge(b.charged)
	return b
}

// InUse is the number of buffers lent and not yet returned.
func (p *Pool) InUse() int64 { return p.inUse.Load() }

// Lent is the memory in the buffers lent, in bytes, as Get and Grow took it from the classes. What an owner allocates by
// appending past the capacity is not in it. It is 0 whenever InUse is.
func (p *Pool) Lent() int64 { return p.lent.Load() }

// Peak is the most that Lent has been since the last call, about: two who borrow at once may be seen as one.
func (p *Pool) Peak() int64 { return max(p.peak.Swap(0), p.lent.Load()) }

// charge counts bytes as lent, or as returned if negative.
func (p *Pool) charge(bytes int64) {
	if lent := p.lent.Add(bytes); lent > p.peak.Load() {
		p.peak.Store(lent)
	}
	if bytes < 0 && p.queue.length.Load() > 0 {
		p.queue.wake(&p.lent)
	}
}
