package socket

import (
	"net"
	"time"
)

// A Framed is a connection whose frames are read and written beside nats.go. All methods may be
// called from any goroutine.
type Framed struct {
	*Conn // what nats.go reads and writes
	input *input
}

// NewFramed returns a connection of which Read gives nats.go what no Receiver takes.
func NewFramed(raw net.Conn) *Framed {
	c := newConn(raw)
	f := &Framed{Conn: c, input: newInput(c)}
	c.reader, c.writer = f.input, f
	return f
}

// Receive has r take the messages of our own subscriptions, from now on. The channel is closed when
// no buffer of r is held any more.
func (f *Framed) Receive(r Receiver) (released <-chan struct{}) {
	f.input.receives.Store(&r)
	return f.freed
}

// MaxPayload is how large a payload the server takes, in bytes. It may change at any time, and is 0
// before the server has said.
func (f *Framed) MaxPayload() int64 {
	if info := f.input.info.Load(); info != nil {
		return info.MaxPayload
	}
	return 0
}

// Account is that of the login, empty where the server has not said.
func (f *Framed) Account() string {
	if info := f.input.info.Load(); info != nil {
		return info.Account
	}
	return ""
}

// Heard is when the PING was written, after Beginning, whose PONG was read last. It is for a
// Receiver, within its methods.
func (f *Framed) Heard() time.Duration { return f.input.pings.heard }

const ping = "PING\r\n"

// Command writes lines, each with its CRLF, and a PING behind them. pong is closed at its PONG. It
// may block for as long as a write.
func (f *Framed) Command(lines string, pong chan struct{}) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	text := []byte(lines + ping)
	f.input.pings.push(pong, f.upTo(len(text)))
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
