package socket

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/fedrelay/fedrelay/pipeline"
)

// A msgLine is what matters of a MSG or HMSG line.
type msgLine struct {
	ours   bool // of a subscription of ours
	header int  // bytes of NATS headers
	size   int  // bytes behind the line, headers included
}

var (
	errBadLine    = errors.New("the server sent a broken message line")
	errBadHeaders = errors.New("the server sent headers larger than their message")
)

// msgLine takes a line apart. Lines of one subscription differ in the size only, so the rest is looked at once.
func (c *Conn) msgLine(line []byte) (m msgLine, err error) {
	f := &c.framer
	if n := len(f.usual); n > 0 && bytes.HasPrefix(line, f.usual) {
		m.ours = true
		if m.size = digits(line[n:]); m.size >= 0 {
			return m, nil
		}
	}
	if m.size, err = frameSize(line[:len(line)-1]); err != nil {
		return m, err
	}
	var words [maxWords + 1][]byte
	n := wordsOf(line, words[:])
	if n < minWords || words[2][0] != SIDPrefix || c.receiver() == nil {
		return m, nil
	}
	m.ours = true
	switch op := words[0]; {
	case bytes.EqualFold(op, opMsg) && n < maxWords:
		if n == minWords {
			f.usual = append(f.usual[:0], line[:bytes.LastIndexByte(line, ' ')+1]...)
		}
	case bytes.EqualFold(op, opHmsg) && n > minWords && n <= maxWords:
		m.header, err = headerSize(words[n-2], m.size)
	default:
		err = errBadLine
	}
	return m, err
}

// A line has an op, a subject, a sid, perhaps a reply subject, perhaps the size of the headers, and the size.
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

// digits reads a number that a line ends with; it returns -1 where there may be more to it.
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

// mark makes n bytes of the buffer a message of the batch at hand.
func (c *Conn) mark(off, n int) {
	f := &c.framer
	if f.batch == nil {
		f.batch = pipeline.NewBatch()
	}
	f.batch.AddInPlace(off, n)
}
