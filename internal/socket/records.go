package socket

import (
	"net"
	"slices"
	"sync"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// gatherBytes is how many bytes of records are gathered at most before they are written. Most
// writes of frames have a little less, and are one write to the socket.
const gatherBytes = WriteSize + 32<<10

// A recordConn stands between TLS and the socket. It gathers the TLS records of one write of ours,
// and writes them to the socket at once. A write that makes progress is never cut off, because a
// tls.Conn does not survive that. What TLS reads is in its arrivals.
type recordConn struct {
	net.Conn                             // the socket
	push     func(p []byte) (int, error) // writes to the socket
	wrote    func(n int)                 // is called before n bytes are gathered or written
	arrivals arrivals

	// Guarded by mu, which is held while the socket is written to.
	mu        lock.Mutex[recordConn]
	gathering bool
	buf       *[]byte // records; nil while there are none
	broken    error   // of the first write that failed; nothing is written after it
}

// Read is for TLS.
func (r *recordConn) Read(p []byte) (int, error) { return r.arrivals.Read(p) }

// recordBuffers lends a *[]byte to each recordConn that has records to write.
var recordBuffers = sync.Pool{New: func() any { return new([]byte) }}

// gather has Write keep records until flush, or until there are gatherBytes. About n bytes of
// records will come.
func (r *recordConn) gather(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gathering = true
	buf := r.lent()
	*buf = slices.Grow(*buf, min(n, gatherBytes))
}

// lent returns the buffer, which it lends if there is none. mu is held.
func (r *recordConn) lent() *[]byte {
	if r.buf == nil {
		r.buf = recordBuffers.Get().(*[]byte)
	}
	return r.buf
}

// flush writes the records that have been gathered, and ends gathering.
func (r *recordConn) flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gathering = false
	return r.empty()
}

// Write is for TLS, which writes whole records. After an error all later writes fail, too.
func (r *recordConn) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrote(len(p))
	buf := r.lent()
	*buf = append(*buf, p...)
	if r.gathering && len(*buf) < gatherBytes {
		return len(p), nil
	}
	return len(p), r.empty()
}

// empty writes the records and gives the buffer back. mu is held.
func (r *recordConn) empty() error {
	if r.buf == nil {
		return r.broken
	}
	if r.broken == nil && len(*r.buf) > 0 {
		_, r.broken = r.push(*r.buf)
	}
	*r.buf = (*r.buf)[:0]
	recordBuffers.Put(r.buf)
	r.buf = nil
	return r.broken
}

// busy reports whether a write is under way.
func (r *recordConn) busy() bool {
	if !r.mu.TryLock() {
		return true
	}
	r.mu.Unlock()
	return false
}
