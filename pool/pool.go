package pool

import (
	"sync"
	"sync/atomic"

	"github.com/valyala/bytebufferpool"
)

// A Pool lends buffers. The zero value is ready. All methods may be called from many goroutines.
type Pool struct {
	memory  [classes]bytebufferpool.Pool // one a class
	handles sync.Pool                    // *Buffer without memory

	// Get counts in this order and Release in reverse, so nobody ever sees bytes lent and no
	// buffer.
	inUse atomic.Int64
	lent  atomic.Int64 // bytes
	peak  atomic.Int64 // of lent, since the last call of Peak

	waiters waiters // that WaitForRoom or WaitToReplace keeps
}

// Get lends an empty buffer with room for size bytes; 0 gives the smallest there is. It returns a
// buffer the caller must Release. It never blocks, however much is lent: see [Pool.WaitForRoom].
func (p *Pool) Get(size int) *Buffer {
	mem := p.take(size)
	b, _ := p.handles.Get().(*Buffer)
	if b == nil {
		b = &Buffer{pool: p}
	}
	b.hold(mem)
	b.owners.Store(1)
	p.inUse.Add(1)
	p.charge(b.charged)
	return b
}

// InUse returns how many buffers are lent and not yet returned.
func (p *Pool) InUse() int64 { return p.inUse.Load() }

// Lent returns the memory of the buffers lent, in bytes, as Get and Grow took it from the classes.
// What an owner allocates by appending past the capacity is not in it. It is 0 whenever InUse is.
func (p *Pool) Lent() int64 { return p.lent.Load() }

// Peak returns about the most that Lent has been since the last call of Peak. It may miss a moment
// in which two goroutines borrow at once.
func (p *Pool) Peak() int64 { return max(p.peak.Swap(0), p.lent.Load()) }

// charge counts bytes as lent, or as returned if negative.
func (p *Pool) charge(bytes int64) {
	if lent := p.lent.Add(bytes); lent > p.peak.Load() {
		p.peak.Store(lent)
	}
	if bytes < 0 && p.waiters.length.Load() > 0 {
		p.waiters.wake(&p.lent)
	}
}
