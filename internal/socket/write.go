package socket

import (
	"bytes"
	"cmp"
	"errors"
	"net"
	"os"
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

// writev writes all of frames, which it uses up. It is like write.
func (f *Framed) writev(frames *net.Buffers) (n int, err error) {
	if f.records == nil {
		n, err = f.pushv(frames)
		return n, f.written(err)
	}
	f.records.gather()
	n64, err := frames.WriteTo(f.Conn.Conn)
	if flushed := f.records.flush(); err == nil {
		err = flushed
	}
	return int(n64), f.written(err)
}

const (
	// WritePatience is how long a write may make no progress.
	WritePatience = 10 * time.Second
	// slowest is the least pace, in bytes a second, of a write that has taken a minute. What is
	// slower holds everybody up.
	slowest = 1 << 10
)

// push implements writer.
func (f *Framed) push(p []byte) (int, error) {
	return f.persist(func(n int) (int, bool, error) {
		k, err := f.raw.Write(p[n:])
		return k, n+k == len(p), err
	})
}

// pushv writes all of frames to the socket.
func (f *Framed) pushv(frames *net.Buffers) (int, error) {
	return f.persist(func(int) (int, bool, error) {
		k, err := frames.WriteTo(f.raw)
		return int(k), len(*frames) == 0, err
	})
}

// persist calls write, with how many bytes have gone, until that is all or a failure. A connection
// that takes some of it, however slowly, is alive.
func (f *Framed) persist(write func(n int) (k int, all bool, err error)) (n int, err error) {
	began := time.Now()
	for {
		f.allow()
		k, all, err := write(n)
		n += k
		isSlow := k > 0 && errors.Is(err, os.ErrDeadlineExceeded)
		if all || !isSlow || tooSlow(n, began) {
			return n, err
		}
	}
}

// allow sets the time until the next write has to make progress. Before the login is over nats.go
// does that.
func (f *Framed) allow() {
	if f.welcome.Load() {
		_ = f.raw.SetWriteDeadline(time.Now().Add(WritePatience)) // an error shows in the write
	}
}

// tooSlow reports whether a write that has got n bytes through since it began has none of its time
// left.
func tooSlow(n int, began time.Time) bool {
	return time.Since(began) > time.Minute+time.Duration(n)*time.Second/slowest
}

// setDeadline implements writer. After the login nats.go's must not end writes of ours.
func (f *Framed) setDeadline(t time.Time) error {
	if f.welcome.Load() {
		return nil
	}
	return f.Conn.Conn.SetWriteDeadline(t)
}

// note implements writer. It keeps the PINGs under way right for what nats.go writes: whole lines,
// at times with payloads.
func (f *Framed) note(p []byte) {
	sent := f.upTo(len(p))
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			return
		}
		line := p[:end]
		p = p[end+1:]
		switch {
		case bytes.HasPrefix(line, []byte("PING")):
			f.input.pings.push(nil, sent)
		case bytes.HasPrefix(line, []byte("PUB ")), bytes.HasPrefix(line, []byte("HPUB ")):
			if size, err := frameSize(line); err == nil {
				p = p[min(len(p), size+len(crlf)):]
			}
		}
	}
}
