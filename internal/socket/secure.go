package socket

import (
	"bufio"
	"cmp"
	"net"
	"sync"
)

// recordBytes returns about how many bytes of records carry n bytes of plain text, or a few more.
func recordBytes(n int) int {
	const record, extra = 8 << 10, 64 // least bytes in a record, most bytes around them
	return n + (n/record+1)*extra
}

// decrypt fills p with the plain text of all records that have come. It blocks until there is a
// byte, but does not wait for the end of a record that has begun to come behind it.
func (c *Conn) decrypt(p []byte) (n int, err error) {
	if c.late != nil {
		return 0, c.late
	}
	n, err = c.Conn.Read(p)
	in := &c.records.arrivals
	in.wholeOnly = true
	for k := n; k > 0 && n < len(p) && err == nil && in.whole(); n += k {
		k, err = c.Conn.Read(p[n:])
	}
	in.wholeOnly = false
	if err == errNotWhole { // the last record was for TLS
		err = nil
	}
	if n > 0 {
		c.late, err = err, nil
	}
	return n, err
}

// encrypt writes p over TLS, in one write to the socket.
func (c *Conn) encrypt(p []byte) (n int, err error) {
	c.records.gather(recordBytes(len(p)))
	n, err = c.Conn.Write(p)
	return n, cmp.Or(err, c.records.flush())
}

// encryptv is encrypt for several pieces of size bytes in all, which it consumes. TLS makes a
// record of each write at least, so small pieces are put together until they fill one.
func (c *Conn) encryptv(pieces *net.Buffers, size int) (n int, err error) {
	c.records.gather(recordBytes(size))
	w := recordWriters.Get().(*bufio.Writer)
	w.Reset(c.Conn)
	n64, _ := pieces.WriteTo(w) // Flush returns the error
	err = cmp.Or(w.Flush(), c.records.flush())
	w.Reset(nil)
	recordWriters.Put(w)
	return int(n64), err
}

// recordWriters lends a *bufio.Writer of one full record to each write of pieces over TLS.
var recordWriters = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 16<<10) }}
