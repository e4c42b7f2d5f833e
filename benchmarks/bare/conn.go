package bare

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
)

// bufferSize is how much one read takes at most, in bytes. A busy server writes about as much at a
// time.
const bufferSize = 256 << 10

// A Conn is one connection. One goroutine may Read it; any number may write to it.
type Conn struct {
	net   net.Conn
	pongs chan struct{} // one for each PONG that Read has seen, up to its capacity

	mu sync.Mutex // held while a whole frame is written

	// Owned by the reader: buf[start:end] is read and not handled.
	buf        []byte
	start, end int
}

// Dial connects to the server at address, host:port, and says hello.
func Dial(ctx context.Context, address, name string) (*Conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &Conn{net: nc, pongs: make(chan struct{}, 64), buf: make([]byte, bufferSize)}
	if err := c.greet(ctx, name); err != nil {
		nc.Close()
		return nil, fmt.Errorf("bare: %w", err)
	}
	return c, nil
}

// greet sends CONNECT and waits until the server has taken it.
func (c *Conn) greet(ctx context.Context, name string) error {
	stop := context.AfterFunc(ctx, func() { c.net.Close() })
	defer stop()
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
func (c *Conn) Close() error { return c.net.Close() }

// Write sends whole frames. It borrows frames until it returns. It blocks while the server takes no
// more.
func (c *Conn) Write(frames []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.net.Write(frames)
	return err
}

// Writev sends whole frames that lie in several pieces of memory. It consumes pieces.
func (c *Conn) Writev(pieces *net.Buffers) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := pieces.WriteTo(c.net)
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
