package record

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// A decoder reads what an encoder wrote. Once something has failed it returns zeros.
type decoder struct {
	r   *bufio.Reader
	err error // the first
}

func (d *decoder) fail(err error) {
	if d.err != nil {
		return
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	d.err = fmt.Errorf("record: damaged run file: %w", err)
	if errors.Is(err, errTooLarge) {
		d.err = errTooLarge
	}
}

func (d *decoder) uvarint() uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err != nil {
		d.fail(err)
		return 0
	}
	return v
}

func (d *decoder) varint() int64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadVarint(d.r)
	if err != nil {
		d.fail(err)
		return 0
	}
	return v
}

// number reads a number that is not above limit. Below 0 no number is.
func (d *decoder) number(limit int64) int64 {
	v := d.uvarint()
	if limit < 0 || v > uint64(limit) {
		d.fail(fmt.Errorf("%d where at most %d may be", v, limit))
		return 0
	}
	return int64(v)
}

func (d *decoder) uint32() uint32 { return uint32(d.number(math.MaxUint32)) }

func (d *decoder) text(limit int64) []byte {
	b := make([]byte, d.number(limit))
	if d.err != nil {
		return nil
	}
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.fail(err)
	}
	return b
}

// grown is how much is reserved for a list of n that the file announces: a lie costs no more than this.
func grown[T any](n int64) []T { return make([]T, 0, min(n, 1<<16)) }

// bounded ends the reading of data that grew too much.
type bounded struct {
	plain io.Reader
	from  *counter
	free  int64 // see allowed
	n     int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.plain.Read(p)
	b.n += int64(n)
	if !allowed(b.n, b.from.n, b.free) {
		return 0, errTooLarge
	}
	return n, err
}
