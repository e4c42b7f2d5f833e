//go:build !pooldebug

package pool

// recycle makes b, which nobody owns, ready for its next owner.
func (p *Pool) recycle(b *Buffer) {
	p.give(b)
	p.handles.Put(b)
}

// give takes the memory from b and returns it to its class. Memory that an append has made, or that
// an owner has cut, is left to the garbage collector: only whole classes may be lent again.
func (p *Pool) give(b *Buffer) {
	mem, size := b.mem, cap(b.B)
	mem.B = b.B[:size] // bytebufferpool learns from the length what to keep
	whole := int64(size) >= b.charged
	b.mem, b.B, b.charged = nil, nil, 0
	if class := classOf(size); whole && class < classes && size == classSize(class) {
		p.memory[class].Put(mem)
	}
}
