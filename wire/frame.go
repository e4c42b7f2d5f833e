package wire

import "strconv"

// The documentation of the package has a drawing of a frame and its parts. A subject stands in a
// frame as it is, so only a subject that Rules allow may be given to these functions.

// CRLF ends every line and every payload of the NATS protocol.
const CRLF = "\r\n"

// pub is the beginning of the line that publishes. A subject follows it.
const pub = "PUB "

// AppendPub appends a whole frame: the line, the payload and CRLF.
func AppendPub(dst, subject, payload []byte) []byte {
	dst = AppendPubLine(dst, subject, len(payload))
	dst = append(dst, payload...)
	return append(dst, CRLF...)
}

// AppendPubLine appends the line that stands in front of a payload of size bytes:
// "PUB subject size\r\n".
func AppendPubLine(dst, subject []byte, size int) []byte {
	dst = AppendPubStart(dst, subject)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(size), 10)
	return append(dst, CRLF...)
}

// PubLineLen returns how many bytes AppendPubLine appends for a subject of so many bytes.
func PubLineLen(subject, size int) int {
	digits := 1
	for ; size >= 10; size /= 10 {
		digits++
	}
	return PubStartLen(subject) + len(" ") + digits + len(CRLF)
}

// AppendPubStart appends the part of a frame that differs between frames of one payload: "PUB
// subject".
func AppendPubStart(dst, subject []byte) []byte {
	dst = append(dst, pub...)
	return append(dst, subject...)
}

// PubStartLen returns how many bytes AppendPubStart appends for a subject of so many bytes.
func PubStartLen(subject int) int { return len(pub) + subject }

// OneWord reports whether a subject is one word on a protocol line. Code that writes such lines
// checks it although Rules have: if a mistake let a space or a line end pass, the server would read
// the rest as a command.
func OneWord(subject []byte) bool {
	b := subject
	for ; len(b) >= 8; b = b[8:] {
		// A byte of w that is a space or less leaves the high bit of the result set.
		if w := word(b); (w-ones*(' '+1))&^w&highs != 0 {
			return false
		}
	}
	for _, c := range b {
		if c <= ' ' {
			return false
		}
	}
	return len(subject) > 0
}
