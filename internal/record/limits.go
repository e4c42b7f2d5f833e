package record

import (
	"errors"
	"io"
)

// What a file may hold. Write refuses what Read would refuse.
const (
	maxHead     = 64 << 20 // bytes of all but the requests
	maxNodes    = 1 << 20
	maxRequests = 1 << 20

	// Decompressed bytes: so many for any file, and so many for each compressed byte. Latencies are noise and compress to a
	// third; only those of a run in which all is lost compress to nothing.
	freeSize = 256 << 20
	ratio    = 64

	window = 4 << 20 // of the compression; what it costs the reader
)

var (
	errMagic    = errors.New("record: not a run file of this version")
	errTooLarge = errors.New("record: more data than a run file may hold")
)

// A pipe counts what passes on both sides of the compression, and ends the traffic when it grows too much.
type pipe struct {
	plain, compressed int64
	free              int64 // freeSize; tests have another idea
}

func (p *pipe) check() error {
	if p.plain > p.free+ratio*p.compressed {
		return errTooLarge
	}
	return nil
}

// counted adds to n what is read or written.
type counted struct {
	r     io.Reader
	w     io.Writer
	n     *int64
	check func() error // after each; nil: nothing to check
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
