package record

import (
	"encoding/binary"
	"io"
)

// An encoder writes numbers and texts into a compressed stream. Once something has failed it writes no more.
type encoder struct {
	z     io.Writer // compresses into out
	out   *counter
	buf   []byte
	plain int64 // bytes given to z
	err   error // the first
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

func (e *encoder) uvarint(v uint64) { e.append(binary.AppendUvarint(e.buf, v)) }
func (e *encoder) varint(v int64)   { e.append(binary.AppendVarint(e.buf, v)) }

func (e *encoder) text(s string) {
	e.uvarint(uint64(len(s)))
	e.append(append(e.buf, s...))
}

func (e *encoder) append(buf []byte) {
	e.buf = buf
	if len(buf) >= 64<<10 {
		e.flush()
	}
}

// flush gives what there is to z. What z has put out lags behind what it was given, so whatever passes here passes in Read.
func (e *encoder) flush() {
	e.plain += int64(len(e.buf))
	if !allowed(e.plain, e.out.n, freeSize) {
		e.fail(errTooLarge)
	}
	if e.err == nil {
		_, e.err = e.z.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

// A counter counts what passes: it writes to w or reads from r.
type counter struct {
	w io.Writer
	r io.Reader
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}
