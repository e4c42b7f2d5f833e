package socket

import (
	"cmp"
	"errors"
	"net"
	"os"
	"time"
)

const (
	// egressBytes is how much is written at once, in bytes.
	WriteSize = 256 << 10
	// writePatience is how long a write may make no progress.
	WritePatience = 10 * time.Second
	// slowest is the least pace, in bytes a second, of a write that has taken a minute: what is slower holds everybody up.
	slowest = 1 << 10
)

// write writes p. A connection that takes some of it, however slowly, is alive. It poisons the connection when it fails.
func (c *Conn) write(p []byte) (n int, err error) {
	if c.records == nil {
		n, err = c.push(p)
	} else {
		c.records.gather()
		n, err = c.Conn.Write(p)
		err = cmp.Or(err, c.records.flush())
	}
	return n, c.written(err)
}

// writev writes all of vec, which it uses up, and returns how many bytes went. It is like write.
func (c *Conn) writev(vec *net.Buffers) (n int, err error) {
	if c.records == nil {
		n, err = c.pushv(vec)
	} else {
		c.records.gather()
		var k int64
		k, err = vec.WriteTo(c.Conn)
		n, err = int(k), cmp.Or(err, c.records.flush())
	}
	return n, c.written(err)
}

// writeFrames writes whole frames of n bytes, and uses vec up. It returns how many bytes went; what a TLS connection has written
// when it fails is not known that exactly.
func (c *Conn) WriteFrames(vec *net.Buffers, n int) (sent int, exact bool, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.upTo(n)
	if len(*vec) == 1 {
		sent, err = c.write((*vec)[0])
	} else {
		sent, err = c.writev(vec)
	}
	return sent, c.records == nil, err
}

// push writes p to the socket.
func (c *Conn) push(p []byte) (n int, err error) {
	began := time.Now()
	for {
		c.allow()
		var k int
		k, err = c.raw.Write(p[n:])
		n += k
		if n == len(p) || !c.slow(k, err) || tooSlow(n, began) {
			return n, err
		}
	}
}

// pushv writes all of vec to the socket.
func (c *Conn) pushv(vec *net.Buffers) (n int, err error) {
	began := time.Now()
	for {
		c.allow()
		var k int64
		k, err = vec.WriteTo(c.raw)
		n += int(k)
		if len(*vec) == 0 || !c.slow(int(k), err) || tooSlow(n, began) {
			return n, err
		}
	}
}

// allow sets the time until the next write has to make progress. Before the login is over nats.go does.
func (c *Conn) allow() {
	if c.on && c.welcome.Load() {
		_ = c.raw.SetWriteDeadline(time.Now().Add(WritePatience)) // an error shows in the write
	}
}

// slow reports whether err, after n bytes, is no more than a slow server.
func (c *Conn) slow(n int, err error) bool {
	return n > 0 && c.on && errors.Is(err, os.ErrDeadlineExceeded)
}

// tooSlow reports whether a write that has got n bytes through since it began has none of its time left.
func tooSlow(n int, began time.Time) bool {
	return time.Since(began) > time.Minute+time.Duration(n)*time.Second/slowest
}

// SetWriteDeadline is nats.go's. It must not end writes of ours.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.on && c.welcome.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}
