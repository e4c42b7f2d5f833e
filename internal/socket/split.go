package socket

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// SIDPrefix is the first letter of the sids of our own subscriptions. The sids of nats.go are
// numbers.
const SIDPrefix = "f"

var (
	errLongLine = fmt.Errorf("the server sent a line of more than %d bytes", maxLine)
	errBadEnd   = errors.New("the server sent a message that does not end where it said")
)

// split takes apart what has been read, and copies to p what is for nats.go. It stops at the first
// incomplete frame, when p is full, or when nats.go must see something before split may look behind
// it. n is how many bytes are in p, and want is the size of the incomplete frame, 0 if it is not
// known. An error ends the connection.
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
			err = nil // the next call returns it
		}
	}
	return n, want, err
}

// breakOff ends the connection because the server has made a mistake. Messages before the mistake
// are handed over.
func (i *input) breakOff(err error) {
	i.handOver()
	i.conn.fail(err)
	i.broken = err
}

// pass copies to p the foreign bytes that have been read, and returns how many.
func (i *input) pass(p []byte) (n int, err error) {
	b := i.rest()
	n, err = i.check(p[:copy(p, b[:min(i.foreign, len(b))])])
	i.taken += n
	return n, err
}

// passUnread reads foreign bytes from the network straight into p, and returns how many.
func (i *input) passUnread(p []byte) (n int, err error) {
	n, err = i.more(p[:min(i.foreign, len(p))])
	n, bad := i.check(p[:n])
	if bad != nil {
		i.breakOff(bad)
	}
	return n, err
}

// check takes the foreign bytes b, and returns how many of them nats.go may see. It stops where a
// payload does not end with CRLF. nats.go is less strict there, so it could begin the next frame at
// another place, and read a size that nobody has checked.
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

// leave makes the next n bytes foreign. If checked, the last two of them must be CRLF.
func (i *input) leave(n int, checked bool) { i.foreign, i.checked, i.alone = n, checked, false }

// frame takes the frame at the beginning of b. n is how many bytes nats.go has got in this read.
// more reports whether split can go on. If not, want is how many bytes the frame has, 0 if that is
// not known.
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

// pongOrPing takes a line with P. Messages before a PONG are handed over first, so that whoever
// learns of the PONG can rely on it.
func (i *input) pongOrPing(line []byte) {
	n, isPong := len(line), bytes.EqualFold(bytes.TrimRight(line, " \t\r\n"), []byte("PONG"))
	if isPong {
		i.handOver()
	}
	if isPong {
		if pong := i.pings.pop(); pong != nil {
			i.taken += n
			pong()
			return
		}
	}
	i.leave(n, false)
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
		i.leave(whole, true) // the payload need not be complete yet
		return true, 0, nil
	case len(b) < whole:
		return false, whole, nil
	case string(b[whole-len(crlf):whole]) != crlf:
		return false, 0, errBadEnd
	case m.header > 0:
		i.receiver().Stripped()
	}
	m.subject.Off += uint32(i.taken)
	i.mark(m.subject, i.taken+len(line)+m.header, m.size-m.header)
	i.taken += whole
	return true, 0, nil
}

// messageLine parses a line. Most lines of one subscription differ in the size only, so the part
// before the size is compared with that of an earlier line, and parsed only if it differs.
func (i *input) messageLine(line []byte) (m messageLine, err error) {
	if n := len(i.usual); n > 0 && bytes.HasPrefix(line, i.usual) {
		m.ours, m.subject = true, i.usualSubject
		if m.size = digits(line[n:]); m.size >= 0 {
			return m, nil
		}
	}
	m, usual, err := parseMessageLine(line, i.receiver() != nil)
	if usual > 0 {
		i.usual, i.usualSubject = append(i.usual[:0], line[:usual]...), m.subject
	}
	return m, err
}

// errorLine takes an -ERR line, unless nats.go has to see n other bytes first. Messages before the
// line are handed over before nats.go sees it.
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
	i.alone = true // else messages behind it, which may block, would hold it up
	return nil
}

// errText returns the text of an -ERR line without its quotes, as nats.go does.
func errText(line []byte) string {
	if len(line) < 4 {
		return ""
	}
	return strings.Trim(strings.TrimSpace(string(line[4:])), "'")
}

// isViolation reports whether the text of an -ERR is a denial, which NATS calls a permissions
// violation.
func isViolation(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "permissions violation")
}

// endsConnection reports whether an -ERR with this text ends the connection. Two kinds do not.
func endsConnection(text string) bool {
	return !isViolation(text) &&
		!strings.HasPrefix(strings.ToLower(text), "maximum subscriptions exceeded")
}
