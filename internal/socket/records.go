package socket

import (
	"net"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// gatherBytes is from how many bytes on records are written though more of them come. It is a bit
// more than most writes of frames have.
const gatherBytes = WriteSize + 32<<10

// A recordConn is what TLS writes to. It gathers the records of one write of ours for one write to
// the socket, and waits there for as long as some of them go: a tls.Conn does not survive a write
// that was cut off.
type recordConn struct {
	net.Conn                             // the socket
	push     func(p []byte) (int, error) // writes to it
	wrote    func(n int)                 // is told of bytes before they are written

	// Guarded by mu, which is held while the socket is written to.
	mu        lock.Mutex[recordConn]
	gathering bool
	buf       []byte
	broken    error // of the first write that failed: nothing may come behind a hole
}

// gather keeps what is written until flush, or until it is much.
func (r *recordConn) gather() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gathering = true
}

// flush writes what has been gathered.
func (r *recordConn) flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gathering = false
	return r.empty()
}

// Write is TLS's: whole records. Its errors are final.
func (r *recordConn) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrote(len(p))
	r.buf = append(r.buf, p...)
	if r.gathering && len(r.buf) < gatherBytes {
		return len(p), nil
	}
	return len(p), r.empty()
}

// empty writes buf. mu is held.
func (r *recordConn) empty() error {
	if r.broken == nil && len(r.buf) > 0 {
		_, r.broken = r.push(r.buf)
	}
	r.buf = r.buf[:0]
	return r.broken
}

// busy reports whether somebody waits for the socket.
func (r *recordConn) busy() bool {
	if !r.mu.TryLock() {
		return true
	}
	r.mu.Unlock()
	return false
}
