//go:build linux && !norawio

package rawio

import (
	"net"
	"syscall"
)

// A half is one direction of a connection. Its functions are made once, because a closure for each
// call would be an allocation for each call.
type half struct {
	// wait calls try, and again each time that the socket may be ready, until try returns true.
	wait   func(try func(fd uintptr) bool) error
	tryOne func(fd uintptr) bool // tries to read or write bytes
	tryVec func(fd uintptr) bool // tries to write pieces; nil for reading

	// What the call under way has to do and has done. Owned by its caller.
	bytes  []byte
	pieces *net.Buffers
	vector []syscall.Iovec // the next pieces; empty between two calls
	n      int             // bytes read or written
	errno  syscall.Errno
}

// halves returns both directions of conn, or nil if conn has no descriptor of its own.
func halves(conn net.Conn) (in, out *half) {
	tcp, ok := conn.(*net.TCPConn) // not what wraps one: it may see bytes that we must not
	if !ok {
		return nil, nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, nil
	}
	in, out = &half{wait: raw.Read}, &half{wait: raw.Write}
	in.tryOne = in.tryRead
	out.tryOne, out.tryVec = out.tryWrite, out.tryWritev
	return in, out
}

// read reads once. It blocks until something has come, or the end: then n is 0.
func (h *half) read(p []byte) (n int, err error) {
	h.bytes = p
	return h.end(h.wait(h.tryOne))
}

// write writes all of p, or fails.
func (h *half) write(p []byte) (n int, err error) {
	h.bytes = p
	return h.end(h.wait(h.tryOne))
}

// writev writes all pieces, or fails, and consumes them.
func (h *half) writev(pieces *net.Buffers) (n int, err error) {
	h.pieces = pieces
	return h.end(h.wait(h.tryVec))
}

// end returns what a call has done, given the error of waiting, and forgets the memory of the
// caller.
func (h *half) end(waiting error) (n int, err error) {
	n, err = h.n, waiting
	if h.errno != 0 {
		err = h.errno
	}
	h.bytes, h.pieces, h.n, h.errno = nil, nil, 0, 0
	return n, err
}

// done enters that a system call has moved n bytes, or why it failed. It returns false if the
// socket was not ready.
func (h *half) done(n int, errno syscall.Errno) (ready bool) {
	h.n += n
	if errno != syscall.EAGAIN && errno != syscall.EINTR {
		h.errno = errno
	}
	return errno != syscall.EAGAIN
}

func (h *half) tryRead(fd uintptr) bool {
	n, errno := read(fd, h.bytes)
	for errno == syscall.EINTR {
		n, errno = read(fd, h.bytes)
	}
	return h.done(n, errno)
}

func (h *half) tryWrite(fd uintptr) bool {
	for h.n < len(h.bytes) && h.errno == 0 {
		if !h.done(write(fd, h.bytes[h.n:])) {
			return false
		}
	}
	return true
}

func (h *half) tryWritev(fd uintptr) bool {
	for h.errno == 0 {
		h.vector = vectorOf(h.vector, *h.pieces)
		if len(h.vector) == 0 {
			break
		}
		before := h.n
		ready := h.done(writev(fd, h.vector))
		clear(h.vector)
		consume(h.pieces, h.n-before)
		if !ready {
			return false
		}
	}
	return true
}
