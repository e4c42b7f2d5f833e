package compact

import "encoding/binary"

// A writer collects the two streams of a message. What may become smaller by compression goes to
// text, and what looks random goes to raw.
type writer struct {
	text, raw []byte
	columns   int // so far
}

func (w *writer) reset() { *w = writer{text: w.text[:0], raw: w.raw[:0]} }

// A message has so many columns and shapes together, and so many lists at most. A reader needs
// memory for each of them.
const (
	maxColumns = 8192
	maxLists   = 1024
)

func (w *writer) number(v uint64) { w.text = binary.AppendUvarint(w.text, v) }

func (w *writer) count(n int) { w.number(uint64(n)) }

func (w *writer) bytes(b []byte) {
	w.count(len(b))
	w.text = append(w.text, b...)
}

// A reader reads the two streams. After the first thing that cannot be right, bad is true, and all
// that it reads is zero or empty.
type reader struct {
	text, raw []byte // what is left
	columns   int    // so far
	bad       bool
}

func (r *reader) fail() {
	r.text, r.raw, r.bad = nil, nil, true
}

// number reads a number in the only way in which it can be written.
func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.text)
	if n <= 0 || n > 1 && r.text[n-1] == 0 {
		r.fail()
		return 0
	}
	r.text = r.text[n:]
	return v
}

// count reads a number that is most at most.
func (r *reader) count(most int) int {
	v := r.number()
	if v > uint64(max(0, most)) {
		r.fail()
		return 0
	}
	return int(v)
}

// take reads n bytes of text. They alias it.
func (r *reader) take(n int) []byte {
	if n > len(r.text) {
		r.fail()
		return nil
	}
	b := r.text[:n:n]
	r.text = r.text[n:]
	return b
}

// takeRaw reads n bytes of raw. They alias it.
func (r *reader) takeRaw(n int) []byte {
	if n > len(r.raw) {
		r.fail()
		return nil
	}
	b := r.raw[:n:n]
	r.raw = r.raw[n:]
	return b
}

func (r *reader) bytes() []byte { return r.take(r.count(len(r.text))) }
