package record

import (
	"errors"
	"fmt"
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
	errMagic    = errors.New("record: not a run file of this version")
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

// check returns an error if something is wrong with the run, but for its requests.
func (r *Run) check() error {
	if len(r.Nodes) > maxNodes {
		return errTooLarge
	}
	return nil
}

// check returns an error if a request contradicts itself or the number of nodes.
func (r *Request) check(nodes int) error {
	want := nodes
	if r.Targets != nil {
		want = len(r.Targets)
	}
	for i, target := range r.Targets {
		if int(target) >= nodes || i > 0 && target <= r.Targets[i-1] {
			return fmt.Errorf("record: target %d is no node or out of order", target)
		}
	}
	for _, m := range r.Marks {
		if int(m.Node) >= nodes {
			return fmt.Errorf("record: a mark for node %d, which does not exist", m.Node)
		}
	}
	for _, column := range [][]uint32{r.Copies, r.Replies} {
		if column != nil && len(column) != want {
			return fmt.Errorf("record: %d latencies for %d targets", len(column), want)
		}
	}
	return nil
}
