package socket

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/fedrelay/fedrelay/wire"
)

const (
	// maxLine is the length of the longest line that a server may send, in bytes. Only INFO is
	// long, because it names every server of a cluster.
	maxLine = 1 << 20
	// maxFrame is the largest size that a MSG or HMSG line may give, in bytes: the largest payload
	// that can be configured, and headers.
	maxFrame = largestLimit + 1<<20
	// largestLimit is the largest max_payload that a nats-server can be configured with, in bytes.
	largestLimit = 64 << 20
	// defaultLimit is the max_payload of a nats-server without configuration, in bytes.
	defaultLimit = 1 << 20
)

var (
	errNoSize     = errors.New("the server sent a message line without a size")
	errBadLine    = errors.New("the server sent a broken message line")
	errBadHeaders = errors.New("the server sent headers larger than their message")
)

// A messageLine is what we need to know of a MSG or HMSG line.
type messageLine struct {
	ours    bool      // the message is for a subscription of ours
	header  int       // bytes of NATS headers
	size    int       // bytes of headers and payload
	subject wire.Span // its place in the line, if the message is ours
}

// parseMessageLine parses a line, which includes its line end. Without anyOurs no message can be
// ours. If usual is not 0, the line consists of its first usual bytes, the size, and the line end.
//
// It is as lenient as nats.go where that is harmless. It fails where nats.go and we could disagree
// on where the next frame begins.
func parseMessageLine(line []byte, anyOurs bool) (m messageLine, usual int, err error) {
	if m.size, err = frameSize(line[:len(line)-1]); err != nil || !anyOurs {
		return m, 0, err
	}
	var words [maxWords + 1][]byte
	n := wordsOf(line, words[:])
	if n < minWords || words[2][0] != SIDPrefix[0] {
		return m, 0, nil
	}
	m.ours = true
	// The word is cut from the line, so both have the same end of memory.
	m.subject = wire.Span{Off: uint32(cap(line) - cap(words[1])), Len: uint32(len(words[1]))}
	switch op := words[0]; {
	case bytes.EqualFold(op, opMsg) && n < maxWords:
		if n == minWords {
			usual = bytes.LastIndexByte(line, ' ') + 1
		}
	case bytes.EqualFold(op, opHmsg) && n > minWords && n <= maxWords:
		m.header, err = headerSize(words[n-2], m.size)
	default:
		err = errBadLine
	}
	return m, usual, err
}

// A line has an op, a subject, a sid, perhaps a reply subject, perhaps the size of the headers, and
// the size.
const minWords, maxWords = 4, 6

var opMsg, opHmsg = []byte("MSG"), []byte("HMSG")

// wordsOf fills words with the words of a line, as many as fit, and returns how many it has filled.
func wordsOf(line []byte, words [][]byte) (n int) {
	for n < len(words) {
		line = bytes.TrimLeft(line, " \t\r\n")
		end := bytes.IndexAny(line, " \t\r\n")
		if end < 0 {
			return n
		}
		words[n] = line[:end]
		line = line[end:]
		n++
	}
	return n
}

// frameSize returns the last number of a line, which is how many bytes of headers and payload
// follow it. The line may end with CR.
func frameSize(line []byte) (int, error) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if bytes.IndexByte(line, '\r') >= 0 {
		return 0, errBadLine
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

// headerSize parses the size of the headers of a message. It must not exceed size, that of the
// whole.
func headerSize(word []byte, size int) (int, error) {
	n, err := strconv.ParseUint(string(word), 10, 31)
	switch {
	case err != nil:
		return 0, errNoSize
	case int(n) > size:
		return 0, errBadHeaders
	}
	return int(n), nil
}

// digits parses b, which must be a number of at most seven digits and CRLF. It returns -1 for
// anything else.
func digits(b []byte) (n int) {
	if len(b) < len("0\r\n") || len(b) > len("9999999\r\n") || b[len(b)-2] != '\r' {
		return -1
	}
	for _, c := range b[:len(b)-2] {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}
