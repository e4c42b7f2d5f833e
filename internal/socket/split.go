package socket

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// SIDPrefix begins the sids of our own subscriptions. Those of nats.go are numbers.
const SIDPrefix = "f"

var (
	errLongLine = fmt.Errorf("the server sent a line of more than %d bytes", maxLine)
	errBadEnd   = errors.New("the server sent a message that does not end where it said")
)

// split takes apart what has been read, and puts what is for nats.go into p. It stops at the first
// frame that is not complete, where p is full, and where nats.go has to see something before
// anything behind it is looked at. It returns how many bytes are in p, and how many the frame has
// that is not complete; 0 if that is not known. Its errors end the connection.
func (i *input) split(p []byte) (n, want int, err error) {
	if i.broken != nil {
		return 0, 0, i.broken
	}
	for more := true; more && n < len(p) && err == nil; {
		var k int
		switch b := i.rest(); {
		case len(i.line) > 0:
			k = copy(p[n:], i.line)
			i.line = i.line[k:]
		case i.foreign > 0:
			k, err = i.pass(p[n:])
			more = k > 0 && !(i.alone && i.foreign == 0)
		default:
			more, want, err = i.frame(b, n)
		}
		n += k
	}
	if err != nil {
		i.breakOff(err)
		if n > 0 {
			err = nil // it will be there again
		}
	}
	return n, want, err
}

// breakOff ends the connection for a mistake of the server.
func (i *input) breakOff(err error) {
	i.handOver()
	i.conn.fail(err)
	i.broken = err
}

// pass puts into p what there is of a frame for nats.go, and returns how much.
func (i *input) pass(p []byte) (n int, err error) {
	b := i.rest()
	n, err = i.check(p[:copy(p, b[:min(i.foreign, len(b))])])
	i.taken += n
	return n, err
}

// passUnread is pass for what has not been read yet: it need not lie in a buffer of ours before.
func (i *input) passUnread(p []byte) (n int, err error) {
	n, err = i.more(p[:min(i.foreign, len(p))])
	n, bad := i.check(p[:n])
	if bad != nil {
		i.breakOff(bad)
	}
	return n, err
}

// check takes b, which is for nats.go, and returns how much of it nats.go may see. nats.go does not
// look at the end of a payload closely: where the two of us disagree on what comes next, it could
// see sizes that nobody has checked.
func (i *input) check(b []byte) (n int, err error) {
	n = len(b)
	for k := max(0, i.foreign-len(crlf)); i.checked && k < n; k++ {
		if b[k] != crlf[k+len(crlf)-i.foreign] {
			n, err = k, errBadEnd
		}
	}
	i.foreign -= n
	return n, err
}

const crlf = "\r\n"

// leave has the next n bytes passed to nats.go, and not alone.
func (i *input) leave(n int, checked bool) { i.foreign, i.checked, i.alone = n, checked, false }

// frame takes the frame that b begins with, when nats.go has got n bytes in this read. It reports
// whether to go on, and if not, how many bytes the frame has; 0 if that is not known.
func (i *input) frame(b []byte, n int) (more bool, want int, err error) {
	end := bytes.IndexByte(b, '\n')
	switch {
	case end > maxLine || end < 0 && len(b) > maxLine:
		return false, 0, errLongLine
	case end < 0:
		return false, 0, nil
	}
	line := b[:end+1]
	switch line[0] {
	case 'M', 'm', 'H', 'h':
		return i.message(b, line)
	case '-':
		return n == 0, 0, i.errorLine(line, n)
	case 'P', 'p':
		i.pongOrPing(line)
	case 'I', 'i':
		i.learn(line)
		i.line = withLimit(line)
		i.taken += len(line)
	default:
		i.leave(len(line), false)
	}
	return true, 0, nil
}

// pongOrPing takes a line. What came before a PONG has been carried when that says so.
func (i *input) pongOrPing(line []byte) {
	n, isPong := len(line), bytes.EqualFold(bytes.TrimRight(line, " \t\r\n"), []byte("PONG"))
	if isPong {
		i.handOver()
	}
	if isPong && i.pings.pop() {
		i.taken += n
	} else {
		i.leave(n, false)
	}
}

// message takes a MSG or HMSG frame.
func (i *input) message(b, line []byte) (more bool, want int, err error) {
	m, err := i.messageLine(line)
	if err != nil {
		return false, 0, err
	}
	whole := len(line) + m.size + len(crlf)
	switch {
	case !m.ours:
		i.leave(whole, true) // the payload passes as it comes
		return true, 0, nil
	case len(b) < whole:
		return false, whole, nil
	case string(b[whole-len(crlf):whole]) != crlf:
		return false, 0, errBadEnd
	case m.header > 0:
		i.receiver().Stripped()
	}
	i.mark(i.taken+len(line)+m.header, m.size-m.header)
	i.taken += whole
	return true, 0, nil
}

// messageLine takes a line apart. Lines of one subscription differ in the size only, so the rest is
// looked at once.
func (i *input) messageLine(line []byte) (m messageLine, err error) {
	if n := len(i.usual); n > 0 && bytes.HasPrefix(line, i.usual) {
		m.ours = true
		if m.size = digits(line[n:]); m.size >= 0 {
			return m, nil
		}
	}
	m, usual, err := parseMessageLine(line, i.receiver() != nil)
	if usual > 0 {
		i.usual = append(i.usual[:0], line[:usual]...)
	}
	return m, err
}

// errorLine takes an -ERR line, unless nats.go has n bytes to see first. What came before it is
// carried when it takes effect.
func (i *input) errorLine(line []byte, n int) error {
	if n > 0 {
		return nil
	}
	size, text := len(line), errText(bytes.TrimRight(line, "\r\n"))
	i.handOver()
	if isViolation(text) {
		i.violations.Add(1)
	}
	if endsConnection(text) {
		i.conn.fail(&ServerError{Text: Clip(text)})
		i.conn.linger.run()
	}
	i.leave(size, false)
	i.alone = true // handing over what is behind it may block
	return nil
}

// errText is what an -ERR line says, as nats.go reads it.
func errText(line []byte) string {
	if len(line) < 4 {
		return ""
	}
	return strings.Trim(strings.TrimSpace(string(line[4:])), "'")
}

// isViolation reports whether an -ERR is a denial, which nats.go calls a permission violation.
func isViolation(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "permissions violation")
}

// endsConnection is false for the two errors that nats.go and the server both survive.
func endsConnection(text string) bool {
	return !isViolation(text) &&
		!strings.HasPrefix(strings.ToLower(text), "maximum subscriptions exceeded")
}
