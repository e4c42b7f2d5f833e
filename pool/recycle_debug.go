//go:build pooldebug

package pool

// recycle leaves b, which nobody owns, to the garbage collector. So its next Release panics,
// however late that comes.
func (p *Pool) recycle(b *Buffer) { p.give(b) }

// give takes the memory from b, overwrites it and leaves it to the garbage collector. A reader that
// has kept the bytes sees 0xDB instead of a message that looks right.
func (p *Pool) give(b *Buffer) {
	overwrite(b.B[:cap(b.B)])
	b.mem, b.B, b.charged = nil, nil, 0
}

// overwrite copies what it has written again and again. Byte by byte takes long with the race
// detector.
func overwrite(b []byte) {
	for n := copy(b, "\xDB"); n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}
