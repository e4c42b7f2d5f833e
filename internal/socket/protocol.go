package socket

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

const (
	// maxLine bounds a line of the server. INFO names every server of a cluster and is the only
	// long one.
	maxLine = 1 << 20
	// maxFrame bounds the size in a MSG or HMSG line: the largest payload that can be configured,
	// and headers.
	maxFrame = largestLimit + 1<<20
	// largestLimit is the most that a nats-server which has a limit can be configured to accept.
	largestLimit = 64 << 20
	// defaultLimit is a nats-server's where nothing is configured.
	defaultLimit = 1 << 20
)

var (
	errNoSize     = errors.New("the server sent a message line without a size")
	errBadLine    = errors.New("the server sent a broken message line")
	errBadHeaders = errors.New("the server sent headers larger than their message")
)

// A messageLine is what matters of a MSG or HMSG line.
type messageLine struct {
	ours   bool // of a subscription of ours
	header int  // bytes of NATS headers
	size   int  // bytes behind the line, headers included
}

// parseMessageLine reads a line, with what ends it. Some of the lines are ours where anyOurs says
// so. If usual is not 0, the line has no other parts than its first usual bytes and the size.
//
// It is as lenient as nats.go where that is harmless, and refuses lines where the two of us could
// disagree on what comes next.
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

// wordsOf puts the words of a line into words, as many as fit, and returns how many those are.
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

// frameSize returns the last number of a line of a message, which is the size of what follows it.
// The line may end with CR.
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

// headerSize reads the word that says how many bytes of a message of the given size are headers.
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

// digits reads a number that a line ends with. It returns -1 where there may be more to it.
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
