package sim

import (
	"bytes"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// What the bytes on a connection prove, whatever the relay says.

// onWritten passes copies on to the crowd, in the order in which the relay writes them.
func (c *conn) onWritten(verb string, line []byte) {
	if verb != "PUB" || isOwn(line) {
		return
	}
	c.mu.Lock()
	c.wrote = time.Now()
	c.copies++
	c.mu.Unlock()
	c.network.wrote(c, line, c.written.body)
}

// isOwn reports whether the line of a frame begins a message that a relay publishes of its own
// accord when it connects, or the answer to one.
func isOwn(line []byte) bool {
	words := bytes.Fields(line)
	return len(words) > 1 && (fedtest.IsOwn(string(words[1])) || bytes.HasPrefix(words[1], []byte("_INBOX.")))
}

// unorderArrivals notes that bytes of a connection that the relay has given up can arrive behind
// what it writes to the next one. From then on the order of what arrives proves nothing. The order
// in which the relay writes still does.
func (n *network) unorderArrivals(side string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.arrivesLate[side] = true
}

// inOrder reports whether the order in which copies arrive at a side proves something.
func (n *network) inOrder(side string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.arrivesLate[side] && !n.overtaken[side]
}

// writtenInOrder reports whether the order in which the relay writes to a side proves something.
func (n *network) writtenInOrder(side string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.overtaken[side]
}

// handingOver is how long a move waits for the server to take what was written to the old
// connection.
const handingOver = 2 * time.Second

// noteOvertaking looks for connections that the relay moves away from and whose server has not
// taken everything yet. What is written to another connection may overtake that: a move waits only
// so long, and another lane does not wait at all. From then on the order of writes proves nothing,
// either.
func (n *network) noteOvertaking(by *conn) {
	for _, c := range n.all() {
		if c == by || c.station.side != by.station.side || isClosed(c.gone) {
			continue
		}
		c.mu.Lock()
		behind := c.ducked && (c.under > 0 || c.busy) && (n.lanes > 1 || time.Since(c.wrote) >= handingOver)
		c.mu.Unlock()
		if behind {
			n.mu.Lock()
			n.overtaken[by.station.side] = true
			n.mu.Unlock()
		}
	}
}

// onArrived counts what reaches the server, and notes what each PING asks it to answer for.
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

// onReceived counts what the relay has read. A PONG answers for everything in front of its PING.
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
	pubs   int // complete PUB frames that were handed to the server
	honest int // those among them that a PONG answers for which the relay has read
	msgs   int // complete MSG frames that the relay has read
	bodies int // the same, and those of which only the end of line is missing
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
