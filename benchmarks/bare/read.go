package bare

import (
	"bytes"
	"errors"
	"fmt"
)

// A Msg is one message delivered. Its bytes alias the connection's buffer: they are valid until
// handle has returned.
type Msg struct {
	Subject []byte
	SID     int
	Payload []byte
}

var errProtocol = errors.New("bare: not what a server says")

// Read calls handle for each message, and idle after all messages of one read of the socket. It
// answers PINGs. It returns the error of the socket, of the server (-ERR) or of idle.
func (c *Conn) Read(handle func(Msg), idle func() error) error {
	for {
		if err := c.fill(); err != nil {
			return err
		}
		for {
			n, err := c.frame(c.buf[c.start:c.end], handle)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			c.start += n
		}
		if err := idle(); err != nil {
			return err
		}
	}
}

// fill reads once, and with TLS all records that have come. Before that it makes room for the rest
// of a frame.
func (c *Conn) fill() error {
	if c.start > 0 {
		c.end = copy(c.buf, c.buf[c.start:c.end])
		c.start = 0
	}
	if c.end == len(c.buf) {
		c.buf = append(c.buf, make([]byte, len(c.buf))...)
	}
	n, err := c.line.Read(c.buf[c.end:])
	c.end += n
	for more := err; more == nil && c.end < len(c.buf) && c.line.more(); c.end += n {
		n, more = c.line.Read(c.buf[c.end:]) // if it fails, so does the next one
	}
	return err
}

// frame handles the first frame of b and returns its length, 0 if it is not all there.
func (c *Conn) frame(b []byte, handle func(Msg)) (int, error) {
	line := bytes.IndexByte(b, '\n')
	if line < 0 {
		return 0, nil
	}
	switch b[0] {
	case 'M':
		return parseMessage(b, line, handle)
	case '-':
		return 0, fmt.Errorf("bare: the server says %q", b[:line])
	case 'P':
		return line + 1, c.ping(b[1])
	case '+', 'I':
		return line + 1, nil
	}
	return 0, fmt.Errorf("%w: %.40q", errProtocol, b)
}

func (c *Conn) ping(second byte) error {
	if second == 'I' {
		return c.Write([]byte("PONG\r\n"))
	}
	select {
	case c.pongs <- struct{}{}:
	default:
	}
	return nil
}

// parseMessage reads "MSG subject sid [reply] size", which ends at line, and the payload behind it.
// It returns the length of all, 0 if a part is missing.
func parseMessage(b []byte, line int, handle func(Msg)) (int, error) {
	head := bytes.TrimSuffix(b[4:line], []byte("\r"))
	subject := bytes.IndexByte(head, ' ')
	last := bytes.LastIndexByte(head, ' ')
	if subject < 0 || last == subject {
		return 0, fmt.Errorf("%w: %.40q", errProtocol, head)
	}
	body := line + 1
	end := body + number(head[last+1:])
	if len(b) < end+2 {
		return 0, nil
	}
	handle(Msg{Subject: head[:subject], SID: number(head[subject+1:]), Payload: b[body:end]})
	return end + 2, nil
}

// number reads the digits that b begins with.
func number(b []byte) (n int) {
	for _, d := range b {
		if d < '0' || d > '9' {
			break
		}
		n = n*10 + int(d-'0')
	}
	return n
}
