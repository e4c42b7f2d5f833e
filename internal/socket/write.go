package socket

import (
	"cmp"
	"errors"
	"net"
	"time"
)

// WriteSize is how much is written at once, in bytes.
const WriteSize = 256 << 10

// Write is nats.go's, which writes whole frames. It ends the connection when it fails: nats.go
// drops the bytes of a failed flush and would go on with the next.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.writer.note(p)
	return c.write(p)
}

// SetWriteDeadline is nats.go's.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.writer.setDeadline(t) }

// write writes p, whose bytes have been entered. c.writing is held.
func (c *Conn) write(p []byte) (n int, err error) {
	if c.records == nil {
		n, err = c.writer.push(p)
	} else {
		c.records.gather()
		n, err = c.Conn.Write(p)
		err = cmp.Or(err, c.records.flush())
	}
	return n, c.written(err)
}

// written ends the connection if a write has failed. It returns why.
func (c *Conn) written(err error) error {
	if err == nil || errors.Is(err, net.ErrClosed) {
		return err
	}
	if !c.welcome.Load() && c.reading.TryLock() {
		err = c.reader.lastWords(err)
		c.reading.Unlock()
	}
	c.fail(&StepError{Step: "write", Err: err})
	c.Cut()
	return err
}

// upTo enters n bytes that are about to be written, and returns how many there are up to them, or a
// few more. TLS enters its records itself: what counts is what the socket gets.
func (c *Conn) upTo(n int) int64 {
	if c.records == nil {
		return c.sent.Add(int64(n))
	}
	const record, extra = 8 << 10, 64 // bytes in one at least, bytes around it at most
	return c.sent.Load() + int64(n+(n/record+1)*extra)
}

// Sent is how many bytes have been written, or are being written.
func (c *Conn) Sent() int64 { return c.sent.Load() }

// libraryWriter writes as nats.go wants it, which bounds writes by itself.
type libraryWriter struct{ conn *Conn }

func (w libraryWriter) note(p []byte) { w.conn.upTo(len(p)) }

func (w libraryWriter) push(p []byte) (int, error) { return w.conn.raw.Write(p) }

func (w libraryWriter) setDeadline(t time.Time) error { return w.conn.Conn.SetWriteDeadline(t) }
