package sim

import (
	"os"
	"syscall"
)

// An injection has one operation of one kind of connection fail. A wait that fails is a write whose
// deadline has passed, after which the connection lives on.
type injection struct {
	side, role string // of the connection; its role is empty before the login
	op         string // "read", "write" or "wait"
	n          int    // which of these operations, counted from 1
	partly     int    // percent of a write that is taken

	// Guarded by the network's mu.
	count int  // operations so far
	done  bool // it has failed
}

// operation counts a read or a write. Its error is that of an operation that has to fail.
func (n *network) operation(c *conn, op string) error {
	inj := n.injection
	if inj == nil || (inj.op == "read") != (op == "read") || inj.side != c.station.side || inj.role != c.roleNow() {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	inj.count++
	if inj.count != inj.n {
		return nil
	}
	inj.done = true
	if inj.op == "wait" {
		return os.ErrDeadlineExceeded
	}
	return syscall.ECONNRESET
}

func (c *conn) roleNow() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.role
}

// partly is how much of a failing write of n bytes is taken.
func (n *network) partly(size int) int { return size * n.injection.partly / 100 }
