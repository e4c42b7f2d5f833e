package socket

import (
	"bytes"
	"errors"
)

// oursBegin begins the sids of our own subscriptions: nats.go's are numbers.
const SIDPrefix = 'f'

var errBadEnd = errors.New("the server sent a message that does not end where it said")

// split takes apart what has been read, up to the first frame that is not complete or that nats.go has to see before
// anything behind it is looked at.
func (c *Conn) split() error {
	f := &c.framer
	f.want = 0
	c.out = f.out[:0]
	defer func() { f.out = c.out[:0] }()
	for {
		b := f.rest()
		if f.foreign > 0 && len(b) > 0 {
			if err := c.passPayload(b); err != nil {
				return err
			}
			continue
		}
		end := bytes.IndexByte(b, '\n')
		switch {
		case end > maxLine || end < 0 && len(b) > maxLine:
			return errLongLine
		case end < 0:
			return nil
		}
		if more, err := c.frame(b, b[:end+1]); !more || err != nil {
			return err
		}
	}
}

// pass hands the next n bytes to nats.go.
func (c *Conn) pass(n int) {
	f := &c.framer
	c.out = append(c.out, f.rest()[:n]...)
	f.at += n
	f.foreign = max(0, f.foreign-n)
}

// passPayload hands nats.go what has come of a payload and of the CRLF behind it. nats.go does not look at that closely: where
// the two of us disagree on what comes next, it could see sizes that nobody has checked.
func (c *Conn) passPayload(b []byte) error {
	f := &c.framer
	b = b[:min(f.foreign, len(b))]
	for i := max(0, f.foreign-len("\r\n")); i < len(b); i++ {
		if b[i] != "\r\n"[i+len("\r\n")-f.foreign] {
			c.pass(i)
			return errBadEnd
		}
	}
	c.pass(len(b))
	return nil
}

// frame takes one frame, which begins with line, from b. It tells whether to go on.
func (c *Conn) frame(b, line []byte) (more bool, err error) {
	switch line[0] {
	case 'M', 'm', 'H', 'h':
		return c.message(b, line)
	case '-':
		return false, c.errorLine(line)
	case 'P', 'p':
		if isPong(line) {
			c.pong(len(line))
			return true, nil
		}
	case 'I', 'i':
		c.learn(line)
		c.out = append(c.out, withLimit(line)...)
		c.framer.at += len(line)
		return true, nil
	}
	c.pass(len(line))
	return true, nil
}

// pong takes a PONG line of n bytes: what came before it has been carried when it speaks for that.
func (c *Conn) pong(n int) {
	c.handOver()
	if c.pings.pop() {
		c.framer.at += n
	} else {
		c.pass(n)
	}
}

// message takes a MSG or HMSG frame.
func (c *Conn) message(b, line []byte) (more bool, err error) {
	f := &c.framer
	m, err := c.msgLine(line)
	if err != nil {
		return false, err
	}
	whole := len(line) + m.size + len("\r\n")
	if !m.ours {
		// The payload passes as it comes.
		c.pass(len(line))
		f.foreign = whole - len(line)
		return true, nil
	}
	if len(b) < whole {
		f.want = whole
		return false, nil
	}
	if b[whole-2] != '\r' || b[whole-1] != '\n' {
		return false, errBadEnd
	}
	if m.header > 0 {
		c.receiver().Stripped()
	}
	c.mark(f.at+len(line)+m.header, m.size-m.header)
	f.at += whole
	return true, nil
}

// errorLine takes an -ERR line: what came before it is carried, and nats.go has seen it, when it is heeded.
func (c *Conn) errorLine(line []byte) error {
	if len(c.out) > 0 {
		return nil
	}
	n, text := len(line), errText(bytes.TrimRight(line, "\r\n"))
	c.handOver()
	c.heed(text)
	c.pass(n)
	return nil
}

// isPong tells whether a line of the server is a PONG.
func isPong(line []byte) bool {
	return bytes.EqualFold(bytes.TrimRight(line, " \t\r\n"), []byte("PONG"))
}
