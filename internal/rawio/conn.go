package rawio

import (
	"io"
	"net"
	"os"
)

// A Conn is a connection whose Read, Write and Writev cost less. All other methods are those of the
// connection below.
type Conn struct {
	net.Conn
	in, out *half // nil: the methods of Conn serve
}

// New returns a Conn on top of conn, which it owns from now on. It does not block.
func New(conn net.Conn) *Conn {
	in, out := halves(conn)
	return &Conn{Conn: conn, in: in, out: out}
}

// Raw reports whether the system calls are raw.
func (c *Conn) Raw() bool { return c.in != nil }

// Read fills p with what has come. It blocks until there is something. It borrows p until it
// returns.
func (c *Conn) Read(p []byte) (int, error) {
	if c.in == nil || len(p) == 0 {
		return c.Conn.Read(p)
	}
	n, err := c.in.read(p)
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, c.explain("read", err)
}

// Write writes all of p, and blocks until it has. If it fails, n bytes are written. It borrows p
// until it returns.
func (c *Conn) Write(p []byte) (n int, err error) {
	if c.out == nil || len(p) == 0 {
		return c.Conn.Write(p)
	}
	n, err = c.out.write(p)
	return n, c.explain("write", err)
}

// Writev writes all pieces, in as few system calls as it can, and blocks until it has. If it fails,
// n bytes are written. It consumes pieces as net.Buffers.WriteTo does: what is left in them is not
// written.
func (c *Conn) Writev(pieces *net.Buffers) (n int, err error) {
	if c.out == nil {
		n64, err := pieces.WriteTo(c.Conn)
		return int(n64), err
	}
	n, err = c.out.writev(pieces)
	return n, c.explain("writev", err)
}

// explain returns the error that package net has for the failure of a call. err is that of a system
// call, or that of the poller, which names another operation.
func (c *Conn) explain(op string, err error) error {
	if err == nil {
		return nil
	}
	if polled, ok := err.(*net.OpError); ok {
		err = polled.Err
	} else {
		err = os.NewSyscallError(op, err)
	}
	local := c.LocalAddr()
	return &net.OpError{Op: op, Net: local.Network(), Source: local, Addr: c.RemoteAddr(), Err: err}
}
