//go:build !pooldebug

package pool

// recycle makes b, which nobody owns, ready for its next owner.
func (p *Pool) recycle(b *Buffer) {
	mem := b.mem
	mem.B = b.B
	b.mem, b.B = nil, nil
	p.memory.Put(mem)
	p.handles.Put(b)
}
