package bare

import (
	"encoding/binary"
	"io"
)

const (
	recordHeader  = 5 // bytes; the last two of them are the length of what follows
	largestRecord = recordHeader + 16<<10 + 256

	// gatherBytes is how many bytes of records are gathered before they are written although more
	// follow. More would not stay in the processor's cache.
	gatherBytes = 256 << 10
)

// records stands between TLS and the socket. It gathers the records of a write, and hands over one
// record at a time, so that it knows whether there is another.
//
// TLS itself writes while it reads only to say why it gives up, or when the server wants new keys.
// nats-server does not.
type records struct {
	socket io.ReadWriter

	// Owned by the writer.
	gathering bool
	out       []byte

	// Owned by the reader: in[start:end] has come and is not handed over. The next left bytes are
	// the rest of a record.
	in         []byte
	start, end int
	left       int
}

func (r *records) Write(p []byte) (int, error) {
	if !r.gathering {
		return r.socket.Write(p)
	}
	r.out = append(r.out, p...)
	if len(r.out) < gatherBytes {
		return len(p), nil
	}
	return len(p), r.flush()
}

func (r *records) flush() error {
	if len(r.out) == 0 {
		return nil
	}
	_, err := r.socket.Write(r.out)
	r.out = r.out[:0]
	return err
}

// Read returns bytes of one record only.
func (r *records) Read(p []byte) (int, error) {
	for r.left == 0 || r.start == r.end {
		if size := r.next(); r.left == 0 && size > 0 {
			r.left = size
			continue
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.in[r.start:min(r.end, r.start+r.left)])
	r.start += n
	r.left -= n
	return n, nil
}

// next is the length of the record that begins at start, 0 if its header is not all there.
func (r *records) next() int {
	if r.end-r.start < recordHeader {
		return 0
	}
	return recordHeader + int(binary.BigEndian.Uint16(r.in[r.start+recordHeader-2:]))
}

// whole reports whether all of another record has come.
func (r *records) whole() bool {
	size := r.next()
	return r.left == 0 && size > 0 && r.end-r.start >= size
}

// fill reads once from the socket.
func (r *records) fill() error {
	r.end = copy(r.in, r.in[r.start:r.end])
	r.start = 0
	n, err := r.socket.Read(r.in[r.end:])
	r.end += n
	return err
}
