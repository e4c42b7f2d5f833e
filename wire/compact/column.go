package compact

import "math/bits"

// A column holds the numbers that stand at one place in many texts. It begins with a byte, which
// says how many bytes a number has and whether differences are written, and a base. Then come the
// lowest bytes of all numbers, then the second bytes, and so on: these are its planes. A byte says
// which planes are in the raw stream.

const (
	columnWidth = 0x0F // of the first byte: how many planes there are
	columnDelta = 0x10 // of the first byte: differences to the number before
)

// column appends a column.
func (w *writer) column(values []uint64) {
	w.columns++
	base, spread, deltas := survey(values)
	if deltas.smaller(spread, len(values)) {
		w.planes(columnDelta, values[0], values, bits.Len64(deltas.or))
		return
	}
	w.planes(0, base, values, bits.Len64(spread))
}

// differences say how large the differences of neighbours are.
type differences struct {
	bits int    // together
	or   uint64 // of all
}

func (d differences) smaller(spread uint64, n int) bool {
	return d.bits < n*bits.Len64(spread)*7/8 && bits.Len64(d.or) <= bits.Len64(spread)+1
}

// survey returns the least value, how much larger the largest is, and the differences.
func survey(values []uint64) (least, spread uint64, d differences) {
	least, most, last := values[0], values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
		z := zigzag(v - last)
		d.bits, d.or, last = d.bits+bits.Len64(z), d.or|z, v
	}
	return least, most - least, d
}

func zigzag(d uint64) uint64 { return d<<1 ^ uint64(int64(d)>>63) }

func unzigzag(z uint64) uint64 { return z>>1 ^ -(z & 1) }

// planes appends a column whose largest number has so many bits.
func (w *writer) planes(mode byte, base uint64, values []uint64, size int) {
	width := (size + 7) / 8
	w.text = append(w.text, mode|byte(width))
	w.number(base)
	if width == 0 {
		return
	}
	maskAt := len(w.text)
	w.text = append(w.text, 0)
	for p := range width {
		from := len(w.text)
		w.plane(mode, base, values, 8*p)
		if plane := w.text[from:]; random(plane) {
			w.raw = append(w.raw, plane...)
			w.text = w.text[:from]
			w.text[maskAt] |= 1 << p
		}
	}
}

func (w *writer) plane(mode byte, base uint64, values []uint64, shift int) {
	text, last := w.text, base
	for _, v := range values {
		d := v - last
		if mode == columnDelta {
			d, last = zigzag(d), v
		}
		text = append(text, byte(d>>shift))
	}
	w.text = text
}

// random reports whether compression would gain next to nothing. That is so if equal bytes meet
// hardly more often than they do by chance.
func random(b []byte) bool {
	var counts [256]uint32
	for _, c := range b {
		counts[c]++
	}
	pairs, n := uint64(0), uint64(len(b))
	for _, c := range counts {
		pairs += uint64(c) * uint64(c)
	}
	return n > 1 && (pairs-n)*256*2 <= 3*n*n
}

// A columnReader reads a column number by number.
type columnReader struct {
	planes      [8][]byte
	width       int
	delta       bool
	base        uint64
	next, count int
}

// open reads where the n numbers of a column are.
func (c *columnReader) open(r *reader, n int) {
	head := r.take(1)
	r.columns++
	if r.columns > maxColumns {
		r.fail()
	}
	if r.bad || head[0]&columnWidth > 8 || head[0] > columnWidth|columnDelta {
		r.fail()
		return
	}
	*c = columnReader{width: int(head[0] & columnWidth), delta: head[0]&columnDelta != 0, base: r.number(), count: n}
	if c.width == 0 {
		return
	}
	mask := r.take(1)
	for p := range c.width {
		switch {
		case r.bad:
			return
		case mask[0]>>p&1 != 0:
			c.planes[p] = r.takeRaw(n)
		default:
			c.planes[p] = r.take(n)
		}
	}
}

// read returns the next number, or fails if there is none.
func (c *columnReader) read(r *reader) uint64 {
	if c.next >= c.count || r.bad {
		r.fail()
		return 0
	}
	v := uint64(0)
	for p := range c.width {
		v |= uint64(c.planes[p][c.next]) << (8 * p)
	}
	c.next++
	if c.delta {
		c.base += unzigzag(v)
		return c.base
	}
	return c.base + v
}
