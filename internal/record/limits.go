package record

import (
	"errors"
	"io"
)

// What a file may hold. Write does not write what Read would not read.
const (
	maxHead     = 64 << 20 // bytes of all but the requests
	maxNodes    = 1 << 20
	maxRequests = 1 << 20

	// A file may have freeSize decompressed bytes, and ratio more for each compressed byte.
	// Latencies are noise and compress to a third. Only those of a run in which everything is lost
	// compress much better.
	freeSize = 256 << 20
	ratio    = 64

	window = 4 << 20 // of the compression: memory that a reader needs, in bytes
)

var (
	errMagic    = errors.New("record: not a run file")
	errVersion  = errors.New("record: a run file of another version; measure it again")
	errTooLarge = errors.New("record: more data than a run file may hold")
)

// A pipe counts the bytes on both sides of the compression.
type pipe struct {
	plain, compressed int64
	free              int64 // freeSize, less in tests
}

// check returns an error when data have grown too much.
func (p *pipe) check() error {
	if p.plain > p.free+ratio*p.compressed {
		return errTooLarge
	}
	return nil
}

// counted adds to n what is read or written through it.
type counted struct {
	r     io.Reader
	w     io.Writer
	n     *int64
	check func() error // ends the traffic with its error; nil: nothing to check
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	*c.n += int64(n)
	if c.check != nil && c.check() != nil {
		return 0, c.check()
	}
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	*c.n += int64(len(b))
	if c.check != nil && c.check() != nil {
		return 0, c.check()
	}
	return c.w.Write(b)
}
