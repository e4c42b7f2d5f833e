package socket

import (
	"bytes"
	"errors"
	"net"
	"os"
	"time"
)

// A Framed is a connection whose frames are read and written beside nats.go. All methods may be
// called from any goroutine.
type Framed struct {
	*Conn // what nats.go reads and writes
	in    *input
}

// NewFramed returns a connection of which Read gives nats.go what no Receiver takes.
func NewFramed(raw net.Conn) *Framed {
	c := newConn(raw)
	f := &Framed{Conn: c, in: newInput(c)}
	c.reader, c.writer = f.in, f
	return f
}

// Receive has r take the messages of our own subscriptions, from now on. The channel is closed when
// no buffer of r is held any more.
func (f *Framed) Receive(r Receiver) (released <-chan struct{}) {
	f.in.receives.Store(&r)
	return f.freed
}

// MaxPayload is how large a payload the server takes, in bytes. It may change at any time, and is 0
// before the server has said.
func (f *Framed) MaxPayload() int64 {
	if info := f.in.info.Load(); info != nil {
		return info.MaxPayload
	}
	return 0
}

// Account is that of the login, empty where the server has not said.
func (f *Framed) Account() string {
	if info := f.in.info.Load(); info != nil {
		return info.Account
	}
	return ""
}

// Heard is when the PING was written, after Beginning, whose PONG was read last. It is for a
// Receiver, within its methods.
func (f *Framed) Heard() time.Duration { return f.in.pings.heard }

const ping = "PING\r\n"

// Command writes lines, each with its CRLF, and a PING behind them. pong is closed at its PONG. It
// may block for as long as a write.
func (f *Framed) Command(lines string, pong chan struct{}) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	text := []byte(lines + ping)
	f.in.pings.push(pong, f.upTo(len(text)))
	_, err := f.write(text)
	return err
}

// Ask is Command without lines, for an answer that nobody waits for.
func (f *Framed) Ask() error { return f.Command("", nobody) }

// WriteFrames writes whole frames, of size bytes together, and uses frames up. It returns how many
// bytes went. A failed write ends the connection. What had gone by then is exact, except over TLS.
func (f *Framed) WriteFrames(frames *net.Buffers, size int) (sent int, exact bool, err error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.upTo(size)
	if len(*frames) == 1 {
		sent, err = f.write((*frames)[0])
	} else {
		sent, err = f.writev(frames)
	}
	return sent, f.records == nil, err
}

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
			f.in.pings.push(nil, sent)
		case bytes.HasPrefix(line, []byte("PUB ")), bytes.HasPrefix(line, []byte("HPUB ")):
			if size, err := frameSize(line); err == nil {
				p = p[min(len(p), size+len(crlf)):]
			}
		}
	}
}
