package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// onRead notes when the relay reads a message, and on which connection a reply comes to it.
func (c *crowd) onRead(from *conn, _, body []byte) {
	words := labelOf(body)
	if words == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if from.station.side == "federation" {
		if a := c.asks[words[0]]; a != nil {
			a.read = time.Now()
		}
		return
	}
	if s, which := c.find(words); s != nil {
		s.read[which] = time.Now()
		s.via[which] = from.number
	}
}

// labelOf returns the words in front of the filler of a message.
func labelOf(body []byte) []string {
	_, data, _ := bytes.Cut(body, []byte(`"data":"`))
	words := strings.Split(string(data), ".")
	if len(words) < 3 {
		return nil
	}
	return words
}

// find returns the stream that a reply belongs to, and which of its replies it is. The caller holds
// mu.
func (c *crowd) find(words []string) (s *stream, which serial) {
	station, err1 := strconv.Atoi(words[1])
	number, err2 := strconv.Atoi(words[2])
	if err1 != nil || err2 != nil {
		return nil, which
	}
	return c.streams[words[0]], serial{station, number}
}

// onWritten judges the order in which the relay writes: the copies of a request that take one lane
// in the order of its targets, the replies to one subject in the order in which they came. Nothing
// is written twice, and no subject changes its connection too early.
func (c *crowd) onWritten(to *conn, line, body []byte) {
	words := labelOf(body)
	if words == nil {
		c.network.violation("the relay wrote %.100q", body)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	subject := strings.Fields(string(line))[1]
	var err error
	if to.station.side == "collective" {
		err = c.writtenRequest(words[0], subject, c.network.row(to))
	} else {
		err = c.writtenReply(words)
	}
	if before := c.routes[subject]; err == nil && before.overtakenBy(to) {
		err = fmt.Errorf("to another connection, before the server had answered for the latest copy to that subject")
	}
	c.routes[subject] = route{conn: to, copies: to.copiesNow()}
	if err != nil {
		c.network.violation("the relay wrote %v: %.100q", err, words)
	}
}

// onEntered judges the order in which servers are given copies: the same, also across connections,
// as long as the relay gives none up that carries copies still.
func (c *crowd) onEntered(to *conn, line, body []byte) {
	words := labelOf(body)
	if words == nil || !c.network.inOrder(to.station.side) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.station.side == "collective" {
		a := c.asks[words[0]]
		position, row := slices.Index(a.targets, strings.Fields(string(line))[1]), c.network.row(to)
		if position < a.entered[row] {
			c.network.violation("%s enters target %d after %d", words[0], position, a.entered[row]-1)
		}
		a.entered[row] = position + 1
		return
	}
	s, which := c.find(words)
	via := s.via[which]
	if which.number < s.entered[via] {
		c.network.violation("%s enters as number %d after %d", words[:3], which.number, s.entered[via])
	}
	s.entered[via] = which.number
}

// A route is where the latest copy to a subject was written: a connection, and how many copies had
// been written there by then.
type route struct {
	conn   *conn
	copies int
}

// overtakenBy reports whether a copy on another connection may overtake the one of r, which the
// server has not answered for. The relay may write there all the same when it has given the old
// connection up, or when it moves away from it.
func (r route) overtakenBy(to *conn) bool {
	if r.conn == nil || r.conn == to {
		return false
	}
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	return r.conn.honest < r.copies && r.conn.closed.IsZero() && !isClosed(r.conn.gone) && !r.conn.ducked
}

// copiesNow returns how many copies the relay has written to c.
func (c *conn) copiesNow() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copies
}

func (c *crowd) writtenRequest(id, subject string, row int) error {
	a := c.asks[id]
	if a == nil {
		return fmt.Errorf("what nobody sent")
	}
	position := slices.Index(a.targets, subject)
	if position < a.written[row] && c.network.writtenInOrder("collective") {
		return fmt.Errorf("target %d after %d", position, a.written[row]-1)
	}
	a.written[row] = position + 1
	return c.fresh(a.read, "collective")
}

func (c *crowd) writtenReply(words []string) error {
	s, which := c.find(words)
	if s == nil {
		return fmt.Errorf("what nobody sent")
	}
	via, number := s.via[which], which.number
	if number <= s.written[via] && c.network.writtenInOrder("federation") {
		return fmt.Errorf("number %d after %d", number, s.written[via])
	}
	s.written[via] = number
	return c.fresh(s.read[which], "federation")
}

// fresh returns an error for a copy that was written although the relay had been without a
// connection to its side for longer than copies may wait. A copy may be older than that where it
// has waited behind connections that were slow, or dead without being found out.
func (c *crowd) fresh(read time.Time, side string) error {
	if age := time.Since(read); age <= c.ttl+closing {
		return nil
	}
	if absence := c.network.absence(side, read); absence > c.ttl+closing {
		return fmt.Errorf("after %s without a connection", absence)
	}
	return nil
}

// row returns the number of the row in which copies on c stand, one behind the other: the same for
// all connections if the relay has one lane, else that of c, because each target has a lane.
func (n *network) row(c *conn) int {
	if n.lanes == 1 {
		return 0
	}
	return c.number
}

// absence returns for how long, since a time, the relay has had no connection to publish on to a
// side. A connection counts from the login on.
func (n *network) absence(side string, since time.Time) (total time.Duration) {
	conns := slices.DeleteFunc(n.all(), func(c *conn) bool {
		return c.station.side != side || c.roleNow() != "publish"
	})
	slices.SortFunc(conns, func(a, b *conn) int { return a.began().Compare(b.began()) })
	for _, c := range conns {
		began, ended := c.began(), c.ended()
		if began.After(since) {
			total += began.Sub(since)
		}
		if ended.After(since) {
			since = ended
		}
	}
	return total + time.Since(since)
}

// began is when the relay logged in.
func (c *conn) began() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.joined
}

// ended is when the relay closed the connection, or now if it is open.
func (c *conn) ended() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.IsZero() {
		return time.Now()
	}
	return c.closed
}
