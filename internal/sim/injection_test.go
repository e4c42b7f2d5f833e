package sim

import (
	"os"
	"syscall"
)

// An injection has one operation of one kind of connection fail. A failed wait is a write whose
// deadline has passed: the connection lives on.
type injection struct {
	side, role string // whose; the role is empty for the time before the login
	op         string // "read", "write" or "wait"; a flush is a write, of a PING
	n          int    // which, counted from 1
	partly     int    // percent of a write that is taken

	// Guarded by the network's mu.
	count int
	done  bool
}

// operation counts a read or a write and says whether it fails.
func (n *network) operation(c *conn, op string) error {
	in := n.inject
	if in == nil || (in.op == "read") != (op == "read") || in.side != c.station.side || in.role != c.roleNow() {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	in.count++
	if in.count != in.n {
		return nil
	}
	in.done = true
	if in.op == "wait" {
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
func (n *network) partly(size int) int { return size * n.inject.partly / 100 }
