package bare

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/fedrelay/fedrelay/internal/rawio"
)

// bufferSize is how much one read takes at most, in bytes. A busy server writes about as much at a
// time.
const bufferSize = 256 << 10

// A Server is where to connect to.
type Server struct {
	Address string      // host:port
	TLS     *tls.Config // nil: no TLS
	// Buffer is how much one read takes at most, in bytes, unless a message has more. 0: as much as
	// a busy server writes at a time.
	Buffer int
}

// A Conn is one connection. One goroutine may Read it; any number may write to it.
type Conn struct {
	line  line
	pongs chan struct{} // one for each PONG that Read has seen, up to its capacity

	mu sync.Mutex // held while a whole frame is written

	// Owned by the reader: buf[start:end] is read and not handled.
	buf        []byte
	start, end int
}

// A line is what a Conn reads and writes: a socket, or TLS on top of one.
type line interface {
	io.ReadWriteCloser
	// Writev writes all pieces, and consumes them.
	Writev(pieces *net.Buffers) (int, error)
	// more reports whether something has come that Read could return without waiting.
	more() bool
}

// Dial connects to a server and says hello.
func Dial(ctx context.Context, to Server, name string) (*Conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", to.Address)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	c, err := start(nc, to, name)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("bare: %w", err)
	}
	return c, nil
}

func start(nc net.Conn, to Server, name string) (*Conn, error) {
	c := &Conn{pongs: make(chan struct{}, 64), buf: make([]byte, cmp.Or(to.Buffer, bufferSize))}
	if to.TLS == nil {
		c.line = socket{rawio.New(nc)}
		return c, c.greet(name)
	}
	secured, err := secure(nc, to.TLS, len(c.buf))
	if err != nil {
		return nil, err
	}
	c.line = secured
	return c, c.greet(name)
}

// socket is a line without TLS.
type socket struct{ *rawio.Conn }

func (socket) more() bool { return false } // one read takes all

// greet sends CONNECT and waits until the server has taken it.
func (c *Conn) greet(name string) error {
	hello := fmt.Sprintf(`CONNECT {"verbose":false,"pedantic":false,"echo":false,"lang":"bare","version":"1","name":%q}`, name)
	if err := c.Write([]byte(hello + "\r\nPING\r\n")); err != nil {
		return err
	}
	err := c.Read(func(Msg) {}, func() error {
		if len(c.pongs) > 0 {
			return errGreeted
		}
		return nil
	})
	if !errors.Is(err, errGreeted) {
		return err
	}
	<-c.pongs
	return nil
}

var errGreeted = errors.New("greeted")

// Close ends the connection and with it Read.
func (c *Conn) Close() error { return c.line.Close() }

// Write sends whole frames. It borrows frames until it returns. It blocks while the server takes no
// more.
func (c *Conn) Write(frames []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.line.Write(frames)
	return err
}

// Writev sends whole frames that lie in several pieces of memory. It consumes pieces.
func (c *Conn) Writev(pieces *net.Buffers) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.line.Writev(pieces)
	return err
}

// Flush waits until the server has handled everything written before. Another goroutine must Read
// meanwhile, and no other may Flush.
func (c *Conn) Flush(ctx context.Context) error {
	if err := c.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	select {
	case <-c.pongs:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// AppendSub appends a SUB frame. queue may be empty.
func AppendSub(dst []byte, subject, queue string, sid int) []byte {
	dst = append(append(append(dst, "SUB "...), subject...), ' ')
	if queue != "" {
		dst = append(append(dst, queue...), ' ')
	}
	return append(strconv.AppendInt(dst, int64(sid), 10), "\r\n"...)
}
