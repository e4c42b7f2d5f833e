package telemetry

import (
	"net"
	"sync"
	"sync/atomic"
)

const defaultConnections = 128 // open at the same time

// connectionsFor returns how many connections may be open if the process may have that many
// descriptors.
func connectionsFor(descriptors uint64) int {
	return int(max(1, min(defaultConnections, descriptors/4)))
}

// A cappedListener closes connections beyond a number as soon as it accepts them. It does not let
// them wait, so that many idle clients delay a health check by one retry only, and not until they
// time out.
type cappedListener struct {
	net.Listener
	max      int64
	rejected func() // called for each connection that is closed so
	open     atomic.Int64
}

func (l *cappedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= l.max {
			return &cappedConn{Conn: c, done: sync.OnceFunc(func() { l.open.Add(-1) })}, nil
		}
		l.open.Add(-1)
		l.rejected()
		_ = c.Close() // nobody waits for the result
	}
}

type cappedConn struct {
	net.Conn
	done func()
}

func (c *cappedConn) Close() error {
	defer c.done()
	return c.Conn.Close()
}
