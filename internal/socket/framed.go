package socket

import (
	"net"
	"time"
)

// A Framed is a Conn that also reads and writes frames beside nats.go. Any goroutine may call its
// own methods; Heard is the exception.
type Framed struct {
	*Conn // what nats.go reads and writes
	input *input
}

// NewFramed returns a connection whose Read gives nats.go everything that no Receiver takes.
func NewFramed(raw net.Conn) *Framed {
	c := newConn(raw)
	f := &Framed{Conn: c, input: newInput(c)}
	c.reader, c.writer = f.input, f
	return f
}

// Receive gives the messages of our own subscriptions to r from now on. It does not block. The
// channel is closed by Release, when the connection holds no buffer of r any more.
func (f *Framed) Receive(r Receiver) (released <-chan struct{}) {
	f.input.receives.Store(&r)
	return f.freed
}

// MaxPayload returns the size of the largest payload that the server takes, in bytes. It may change
// at any time. It is 0 until the server has announced it.
func (f *Framed) MaxPayload() int64 {
	if info := f.input.info.Load(); info != nil {
		return info.MaxPayload
	}
	return 0
}

// Account returns the account of the login. It is empty if the server has not named it.
func (f *Framed) Account() string {
	if info := f.input.info.Load(); info != nil {
		return info.Account
	}
	return ""
}

// Heard is about the PONG that was read last. It returns when its PING was written, as a duration
// since Beginning. Only a Receiver may call it, within its methods.
func (f *Framed) Heard() time.Duration { return f.input.pings.heard }

// Unanswered returns how many bytes have been written, or are being written, behind the latest PING
// that the server has answered. Over TLS these are the bytes of the records.
func (f *Framed) Unanswered() int64 { return f.Sent() - f.input.pings.answeredUpTo() }

const ping = "PING\r\n"

// Command writes lines, each with its CRLF, and a PING behind them. pong is called when the PONG
// has come, by the goroutine that reads, and must not block. It is not called if the connection
// ends first. Command does not wait for the PONG, but it may block for as long as a write.
func (f *Framed) Command(lines string, pong func()) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	text := []byte(lines + ping)
	f.input.pings.push(pong, f.upTo(len(text)))
	_, err := f.write(text)
	return err
}

// Ask writes a PING whose answer nobody waits for. It may block for as long as a write.
func (f *Framed) Ask() error { return f.Command("", Nobody) }

// WriteFrames writes whole frames of size bytes in all, and consumes frames. If pong is not nil it
// writes a PING behind them, whose PONG pong is for, as for Command. It blocks until all is written
// or the write fails; a failure ends the connection. sent is how many bytes of the frames were
// written. exact is false over TLS, where sent says nothing certain after a failure.
func (f *Framed) WriteFrames(frames *net.Buffers, size int, pong func()) (sent int, exact bool, err error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	if pong != nil {
		*frames = append(*frames, pingLine)
		f.input.pings.push(pong, f.upTo(size+len(ping)))
	} else {
		f.upTo(size)
	}
	if len(*frames) == 1 {
		sent, err = f.write((*frames)[0])
	} else {
		sent, err = f.writev(frames, size)
	}
	return min(sent, size), f.records == nil, err
}

var pingLine = []byte(ping)
