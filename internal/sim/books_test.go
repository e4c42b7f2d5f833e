package sim

import (
	"bytes"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// What the wire of a connection proves, whatever the relay says.

// onWritten shows the copies to the crowd, in the order in which the relay writes them.
func (c *conn) onWritten(verb string, line []byte) {
	if verb != "PUB" || isOwn(line) {
		return
	}
	c.mu.Lock()
	c.wrote = time.Now()
	c.mu.Unlock()
	c.network.wrote(c, line, c.written.body)
}

// isOwn reports whether the line of a frame is of what a relay publishes of its own accord when it
// connects, or of an answer to that.
func isOwn(line []byte) bool {
	words := bytes.Fields(line)
	return len(words) > 1 && (fedtest.IsOwn(string(words[1])) || bytes.HasPrefix(words[1], []byte("_INBOX.")))
}

// late says that bytes of a connection that the relay has given up can arrive behind what it writes
// to the next one. The order of what arrives proves nothing then; the order in which it was written
// still does.
func (n *network) late(side string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tardy[side] = true
}

func (n *network) inOrder(side string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.tardy[side] && !n.outrun[side]
}

// writtenInOrder reports whether the order in which the relay has written to a side must be right.
func (n *network) writtenInOrder(side string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.outrun[side]
}

// handingOver is how long a move waits for the server to catch up with the old connection.
const handingOver = 2 * time.Second

// overtaking looks for connections that the relay is about to leave and that their server has not
// caught up with. A move waits for them, but not for ever; another lane does not.
func (n *network) overtaking(by *conn) {
	for _, c := range n.all() {
		if c == by || c.station.side != by.station.side || passed(c.gone) {
			continue
		}
		c.mu.Lock()
		behind := c.ducked && (c.under > 0 || c.busy) && (n.lanes > 1 || time.Since(c.wrote) >= handingOver)
		c.mu.Unlock()
		if behind {
			n.mu.Lock()
			n.outrun[by.station.side] = true
			n.mu.Unlock()
		}
	}
}

// onArrived counts what reaches the server, and what it is asked to answer for.
func (c *conn) onArrived(verb string, line []byte) {
	if isOwn(line) {
		return
	}
	if verb == "PUB" {
		c.network.entered(c, line, c.arrived.body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch verb {
	case "PUB", "HPUB":
		c.pubs++
	case "PING":
		c.asked = append(c.asked, c.pubs)
	}
}

// onSent keeps the server's greeting.
func (c *conn) onSent(verb string, line []byte) {
	if verb == "INFO" && c.greeting == nil {
		c.greeting = append(c.greeting, line...)
	}
}

// onReceived counts what the relay has read: a PONG answers for everything in front of its PING.
func (c *conn) onReceived(verb string, line []byte) {
	if isOwn(line) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch verb {
	case "MSG", "HMSG":
		c.msgs++
	case "PONG":
		if len(c.asked) == 0 {
			c.network.violation("BUG of the simulation: a PONG without a PING")
			return
		}
		c.honest, c.asked = c.asked[0], c.asked[1:]
	}
}

// A proof is what all connections to one side have carried.
type proof struct {
	pubs   int // frames that began their way into the server complete
	honest int // of those, answered for by a PONG that the relay has read
	msgs   int // frames that the relay has read
	bodies int // and those of which it has read all but the end of line
	conns  int
}

func (n *network) proof(side string) (p proof) {
	for _, c := range n.all() {
		if c.station.side != side {
			continue
		}
		c.mu.Lock()
		p.conns++
		p.pubs += c.pubs
		p.honest += c.honest
		p.msgs += c.msgs
		p.bodies += c.bodies
		c.mu.Unlock()
	}
	return p
}

// all returns every connection there ever was.
func (n *network) all() []*conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.conns)
}
