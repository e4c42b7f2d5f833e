//go:build pooldebug

package pool

// recycle leaves b, which nobody owns, to the garbage collector: its next Release panics, however late it comes.
func (p *Pool) recycle(b *Buffer) { p.give(b) }

// give takes the memory from b, overwrites it and leaves it to the garbage collector: a reader that kept the bytes sees
// 0xDB instead of a message that looks right.
func (p *Pool) give(b *Buffer) {
	overwrite(b.B[:cap(b.B)])
	b.mem, b.B, b.charged = nil, nil, 0
}

// overwrite doubles what it has written: byte by byte takes long with the race detector.
func overwrite(b []byte) {
	for n := copy(b, "\xDB"); n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}
