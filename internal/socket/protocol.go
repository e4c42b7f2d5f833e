package socket

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxLine bounds a line of the server: INFO names every server of a cluster and is the only long one.
	maxLine = 1 << 20
	// maxFrame bounds the size in a MSG or HMSG line: the largest payload that can be configured, and headers.
	maxFrame = maxMaxPayload + 1<<20
)

var errNoSize = errors.New("the server sent a message line without a size")

var errLongLine = fmt.Errorf("the server sent a line of more than %d bytes", maxLine)

// frames follows the server's side of the protocol, to find -ERR lines and sizes that must not reach nats.go. It reads lines
// as nats.go does where that is lenient in harmless ways, and refuses them where the two could disagree on what comes next.
type frames struct {
	line []byte // the beginning of a line that is not complete
	skip int    // payload bytes that are still to come
	tail int    // bytes of the CRLF behind a payload that are still to come
}

// scan follows b until its end or until an -ERR or INFO line starts, and returns how far it got.
func (f *frames) scan(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		switch {
		case f.skip > 0:
			k := min(f.skip, len(b)-n)
			f.skip -= k
			n += k
		case f.tail > 0:
			if b[n] != "\r\n"[2-f.tail] {
				return n, errors.New("the server sent a message that does not end where it said")
			}
			f.tail--
			n++
		case len(f.line) == 0 && (b[n] == '-' || b[n] == 'I' || b[n] == 'i'):
			return n, nil
		default:
			k, err := f.scanLine(b[n:])
			if err != nil {
				return n, err
			}
			n += k
		}
	}
	return n, nil
}

// scanLine takes one line, or what b has of it.
func (f *frames) scanLine(b []byte) (int, error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		f.line = append(f.line, b...)
		if len(f.line) > maxLine {
			return 0, errLongLine
		}
		return len(b), nil
	}
	line := b[:i]
	if len(f.line) > 0 {
		line = append(f.line, line...)
		f.line = line[:0]
	}
	if len(line) > 0 && strings.IndexByte("MmHh", line[0]) >= 0 {
		size, err := frameSize(line)
		if err != nil {
			return 0, err
		}
		f.skip, f.tail = size, 2
	}
	return i + 1, nil
}

// frameSize returns the last number of a MSG or HMSG line, which is the size of what follows it.
func frameSize(line []byte) (int, error) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if bytes.IndexByte(line, '\r') >= 0 {
		return 0, errors.New("the server sent a broken message line")
	}
	last := line[bytes.LastIndexAny(line, " \t")+1:]
	size, err := strconv.ParseUint(string(last), 10, 31)
	if err != nil || len(last) == len(line) {
		return 0, errNoSize
	}
	if size > maxFrame {
		return 0, fmt.Errorf("the server sent a message of %d bytes, more than %d", size, maxFrame)
	}
	return int(size), nil
}

// errText is what an -ERR line says, as nats.go reads it.
func errText(line []byte) string {
	if len(line) < 4 {
		return ""
	}
	return strings.Trim(strings.TrimSpace(string(line[4:])), "'")
}

// isViolation tells the refusals, which nats.go reports as permission violations, from other errors.
func isViolation(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "permissions violation")
}

// endsConnection is false for the two errors that nats.go and the server both survive.
func endsConnection(text string) bool {
	return !isViolation(text) && !strings.HasPrefix(strings.ToLower(text), "maximum subscriptions exceeded")
}
