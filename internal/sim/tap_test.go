package sim

import (
	"bytes"
	"fmt"
	"strconv"
)

// A tap reads one direction of the NATS client protocol as it passes, in whatever pieces, and
// reports complete frames.
type tap struct {
	frame func(verb string, line []byte) // borrows line

	keep bool   // payloads are looked into
	seen func() // called when a payload is complete, also without its end of line; may be nil

	body    []byte // the first bytes of the payload of the current frame, if keep
	line    []byte // the beginning of a line whose end has not come
	payload int    // bytes of the current payload still to come, with its end of line
	verb    string // of the current frame
	header  []byte // line of the current frame
	bodies  int    // payloads that are complete, whether their end of line has come or not
	err     error  // the first thing that is no protocol
}

const keepBody = 256

// boundary reports whether a frame has just ended.
func (t *tap) boundary() bool { return len(t.line) == 0 && t.payload == 0 }

// feed takes the next bytes.
func (t *tap) feed(p []byte) {
	for len(p) > 0 && t.err == nil {
		if t.payload > 0 {
			n := min(t.payload, len(p))
			if room := keepBody - len(t.body); t.keep && room > 0 {
				t.body = append(t.body, p[:min(n, room)]...)
			}
			if t.payload > 2 && t.payload-n <= 2 {
				t.endPayload()
			}
			t.payload -= n
			p = p[n:]
			if t.payload == 0 {
				t.frame(t.verb, t.header)
			}
			continue
		}
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			t.line = append(t.line, p...)
			return
		}
		t.line = append(t.line, p[:end+1]...)
		p = p[end+1:]
		t.endLine()
		t.line = t.line[:0]
	}
}

// endPayload counts a payload that is complete.
func (t *tap) endPayload() {
	if isOwn(t.header) {
		return
	}
	t.bodies++
	if t.seen != nil {
		t.seen()
	}
}

// endLine takes a whole line.
func (t *tap) endLine() {
	line, ok := bytes.CutSuffix(t.line, []byte("\r\n"))
	verb, _, _ := bytes.Cut(line, []byte(" "))
	t.verb = string(verb)
	switch t.verb {
	case "PUB", "HPUB", "MSG", "HMSG":
		size, err := strconv.Atoi(string(line[bytes.LastIndexByte(line, ' ')+1:]))
		if err != nil || size < 0 {
			ok = false
		}
		t.payload = size + 2
		t.body = t.body[:0]
		t.header = append(t.header[:0], line...)
		if size == 0 {
			t.endPayload()
		}
	case "INFO", "CONNECT", "PING", "PONG", "+OK", "-ERR", "SUB", "UNSUB":
		t.frame(t.verb, line)
	default:
		ok = false
	}
	if !ok {
		t.err = fmt.Errorf("%.100q is no protocol", t.line)
	}
}
