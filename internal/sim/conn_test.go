package sim

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A conn is the relay's end of a connection to a server. Two lines with pumps behind them stand for
// the network.
type conn struct {
	// Set by the network, then read-only.
	network *network
	station *station
	number  int
	server  net.Conn // the other end: an unbuffered pipe to the server
	up      *line    // from the relay
	down    *line    // to the relay

	readDeadline, writeDeadline *deadline

	gone     chan struct{} // closed when the server's end is closed
	goneOnce sync.Once
	left     chan struct{} // closed when the relay has closed its end

	// Guarded by writing, which is held during Write: the kernel, too, has one writer at a time.
	writing sync.Mutex
	written tap

	// Owned by Read.
	received tap

	// Guarded by emitting.
	emitting sync.Mutex
	sent     tap    // what the server has sent
	greeting []byte // its INFO
	insert   []byte // waits for the end of a frame

	// Owned by the pump of up.
	arrived tap // what reaches the server

	// Guarded by mu.
	mu     sync.Mutex
	rng    *rand.Rand
	plan   plan
	role   string    // "receive" or "publish" of a side; empty before the login
	passed [2]int    // bytes since the login, by direction
	lost   [2]bool   // by direction: what comes is thrown away, and nobody is told
	under  int       // bytes from the relay that are under way to the server
	busy   bool      // a Write is under way
	ducked bool      // the server has said that it is in lame duck mode
	wrote  time.Time // when the relay wrote its latest copy
	copies int       // that the relay has written
	joined time.Time // when the relay logged in
	closed time.Time // when the relay closed it
	pubs   int       // PUB frames that reached the server
	asked  []int     // for each PING without its PONG: pubs in front of it
	honest int       // pubs that a PONG has answered for
	msgs   int       // MSG frames that the relay has read
	bodies int       // the same, and one whose end of line is missing
}

const (
	upward   = 0
	downward = 1
)

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.network.operation(c, "read"); err != nil {
		c.sever(err)
	}
	n, err := c.down.read(p[:c.readSize(len(p))], c.readDeadline)
	c.received.feed(p[:n])
	c.mu.Lock()
	c.bodies = c.received.bodies
	c.mu.Unlock()
	return n, c.wrap("read", err)
}

// readSize is how many bytes a read of n brings at most.
func (c *conn) readSize(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.plan.split || n < 2 {
		return n
	}
	c.network.saw("read split")
	return min(n, 1+c.rng.IntN(1<<c.rng.IntN(14)))
}

// Write implements net.Conn. It returns when everything is in the buffer.
func (c *conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.login(p)
	k, failure := c.judge(p)
	c.setBusy(true)
	n, err := c.up.write(p[:k], c.writeDeadline, c.note, func() { c.network.saw("write blocked") })
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.network.saw("write blocked for too long")
	}
	c.setBusy(false)
	if err == nil && failure != nil {
		err = failure
		if failure != os.ErrDeadlineExceeded {
			c.sever(failure)
		}
	}
	return n, c.wrap("write", err)
}

func (c *conn) setBusy(busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = busy
}

// note enters what the relay has written. The caller holds writing.
func (c *conn) note(p []byte) {
	if len(p) == 0 {
		return
	}
	c.network.noteOvertaking(c)
	c.mu.Lock()
	c.under += len(p)
	c.mu.Unlock()
	c.written.feed(p)
	if c.written.err != nil {
		c.network.violation("the relay wrote to %s: %v", c.station.address, c.written.err)
	}
}

// judge returns how many bytes of p are taken, and the error for the rest.
func (c *conn) judge(p []byte) (int, error) {
	if err := c.network.operation(c, "write"); err != nil {
		return c.network.partly(len(p)), err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.plan.brokenAt
	if left == 0 || c.network.isCalm() {
		return len(p), nil
	}
	c.plan.brokenAt = max(left-len(p), 0)
	if len(p) < left {
		return len(p), nil
	}
	if c.plan.reset {
		c.network.saw("write taken in part")
		return left - 1, syscall.ECONNRESET
	}
	c.network.saw("write too slow")
	return left - 1, os.ErrDeadlineExceeded
}

// Close implements net.Conn. What is buffered still travels to the server.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isClosed(c.left) {
		return net.ErrClosed
	}
	c.closed = time.Now()
	close(c.left)
	if c.under > 0 || c.busy {
		c.network.unorderArrivals(c.station.side)
	}
	c.up.finish(io.EOF, net.ErrClosed)
	c.down.sever(net.ErrClosed)
	return nil
}

// sever ends the connection at both ends. What was under way is lost.
func (c *conn) sever(err error) {
	c.up.sever(err)
	c.down.sever(err)
	c.hangUp()
}

// hangUp ends the connection at the server's end.
func (c *conn) hangUp() {
	c.goneOnce.Do(func() {
		c.server.Close()
		close(c.gone)
	})
}

func (c *conn) wrap(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

func (c *conn) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (c *conn) RemoteAddr() net.Addr { return c.station }

func (c *conn) SetDeadline(t time.Time) error {
	c.readDeadline.set(t)
	c.writeDeadline.set(t)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error  { c.readDeadline.set(t); return nil }
func (c *conn) SetWriteDeadline(t time.Time) error { c.writeDeadline.set(t); return nil }
