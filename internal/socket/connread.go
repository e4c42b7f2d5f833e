package socket

import (
	"bytes"
	"net"
	"slices"
)

// Read fills p with what the server sent. An -ERR line that ends the connection, and every failure, waits for linger first.
func (c *Conn) Read(p []byte) (int, error) {
	switch {
	case c.opaque:
		return c.readOpaque(p)
	case c.on:
		c.reading.Lock()
		defer c.reading.Unlock()
		if c.gone {
			return 0, net.ErrClosed
		}
		return c.readFramed(p)
	}
	for len(p) > 0 {
		if len(c.out) > 0 {
			n := copy(p, c.out)
			c.out = c.out[n:]
			return n, nil
		}
		if len(c.pending) > 0 {
			if err := c.judge(); err != nil {
				return 0, c.failed(err)
			}
			continue
		}
		n, err := c.readScanned(p)
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

func (c *Conn) readOpaque(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.failed(err)
	}
	return n, err
}

// readScanned reads into p up to the next -ERR or INFO line; what follows becomes pending.
func (c *Conn) readScanned(p []byte) (int, error) {
	n, err := c.more(p)
	if n == 0 && err != nil {
		return 0, c.failed(err)
	}
	k, bad := c.frames.scan(p[:n])
	if bad != nil {
		c.refuse(bad)
		return k, nil
	}
	c.pending = append(c.pending[:0], p[k:n]...)
	return k, nil
}

// refuse makes bad the next error of reading, and the reason for the end.
func (c *Conn) refuse(bad error) {
	c.fail(bad)
	c.later = bad
}

// more reads from the network. Bytes come without an error; an error that came with bytes is returned by the next call.
func (c *Conn) more(p []byte) (int, error) {
	if len(c.greeting) > 0 {
		n := copy(p, c.greeting)
		c.greeting = c.greeting[n:]
		return n, nil
	}
	if c.later != nil {
		return 0, c.later
	}
	n, err := c.Conn.Read(p)
	if n > 0 && c.on {
		return n, nil // an error will be there again, when these have been taken apart
	}
	if n > 0 && err != nil {
		c.later, err = err, nil
	}
	return n, err
}

// judge takes the line that pending begins with, and what can be scanned behind it, to out.
func (c *Conn) judge() error {
	end, err := c.completeLine()
	if err != nil {
		return err
	}
	line := c.pending[:end]
	if line[0] == '-' {
		c.heed(errText(bytes.TrimRight(line, "\r\n")))
	}
	k, bad := c.frames.scan(c.pending[end:])
	c.out, c.pending = c.pending[:end+k], c.pending[end+k:]
	if line[0] != '-' {
		c.out = slices.Concat(withLimit(line), c.out[end:])
	}
	if bad != nil {
		c.refuse(bad)
		c.pending = nil
	}
	return nil
}

// completeLine reads until pending holds a whole line, and returns its length.
func (c *Conn) completeLine() (int, error) {
	searched := 0
	for {
		if i := bytes.IndexByte(c.pending[searched:], '\n'); i >= 0 {
			return searched + i + 1, nil
		}
		if searched = len(c.pending); searched > maxLine {
			c.fail(errLongLine)
			return 0, errLongLine
		}
		var buf [512]byte
		n, err := c.more(buf[:])
		if err != nil {
			return 0, err
		}
		c.pending = append(c.pending, buf[:n]...)
	}
}

// heed acts on an -ERR before nats.go sees it.
func (c *Conn) heed(text string) {
	if isViolation(text) {
		c.violations.Add(1)
	}
	if endsConnection(text) {
		c.fail(&ServerError{Text: Clip(text)})
		c.lingerOnce()
	}
}
