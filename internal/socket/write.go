package socket

import (
	"bytes"
	"errors"
	"net"
	"os"
	"time"
)

// WriteSize is about how many bytes of frames are written at once. A request of 2 kB to 200 nodes
// fits. With half of that, it takes two writes, and a copy costs some 10 % more.
const WriteSize = 512 << 10

// Write is for nats.go, which writes whole frames. It may block for as long as the writer allows. A
// failure ends the connection: nats.go drops the bytes of a failed flush, and would go on with the
// next.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.writer.note(p)
	return c.write(p)
}

// SetWriteDeadline is for nats.go. A Framed ignores it after the login.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.writer.setDeadline(t) }

// write writes p, whose bytes upTo has counted. c.writing is held.
func (c *Conn) write(p []byte) (n int, err error) {
	if c.records == nil {
		n, err = c.writer.push(p)
	} else {
		n, err = c.encrypt(p)
	}
	return n, c.written(err)
}

// written ends the connection if err says that a write has failed. It returns err, or what the
// server said before it hung up.
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

// upTo counts n bytes that are about to be written. It returns how many bytes the socket will have
// got with them, or a few more. Over TLS the recordConn counts, because records are larger than
// what they carry; upTo only estimates.
func (c *Conn) upTo(n int) int64 {
	if c.records == nil {
		return c.sent.Add(int64(n))
	}
	return c.sent.Load() + int64(recordBytes(n))
}

// Sent returns how many bytes have been written to the socket, or are being written. Over TLS these
// are the bytes of the records.
func (c *Conn) Sent() int64 { return c.sent.Load() }

// libraryWriter leaves the bounds of a write to nats.go, which sets deadlines.
type libraryWriter struct{ conn *Conn }

func (w libraryWriter) note(p []byte) { w.conn.upTo(len(p)) }

func (w libraryWriter) push(p []byte) (int, error) { return w.conn.raw.Write(p) }

func (w libraryWriter) setDeadline(t time.Time) error { return w.conn.Conn.SetWriteDeadline(t) }

// writev is write for several pieces of size bytes in all. It consumes frames.
func (f *Framed) writev(frames *net.Buffers, size int) (n int, err error) {
	if f.records == nil {
		n, err = f.pushv(frames)
	} else {
		n, err = f.encryptv(frames, size)
	}
	return n, f.written(err)
}

const (
	// WritePatience is for how long a write of a Framed may make no progress before it fails.
	WritePatience = 10 * time.Second
	// slowest is the least pace, in bytes a second, of a write that has taken a minute. A slower
	// one holds everybody up, and fails.
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
		k, err := f.raw.Writev(frames)
		return k, len(*frames) == 0, err
	})
}

// persist calls write until all is written, or until it fails. It passes how many bytes are written
// already. A call that hits its deadline is repeated if it made progress, because then the
// connection is alive.
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

// allow sets the deadline by which the next write must make progress. During the login nats.go sets
// deadlines.
func (f *Framed) allow() {
	if f.welcome.Load() {
		_ = f.raw.SetWriteDeadline(time.Now().Add(WritePatience)) // an error shows in the write
	}
}

// tooSlow reports whether a write has used up its time: a minute, and more for the n bytes written
// since began, at the slowest pace.
func tooSlow(n int, began time.Time) bool {
	return time.Since(began) > time.Minute+time.Duration(n)*time.Second/slowest
}

// setDeadline implements writer. After the login it does nothing: a deadline of nats.go must not
// end a write of ours.
func (f *Framed) setDeadline(t time.Time) error {
	if f.welcome.Load() {
		return nil
	}
	return f.Conn.Conn.SetWriteDeadline(t)
}

// note implements writer. It enters the PINGs among the lines that nats.go is about to write, and
// skips payloads.
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
