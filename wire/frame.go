package wire

import "strconv"

// The documentation of the package has a drawing of a frame and its parts. A subject stands in a
// frame as it is: only one that Rules have let pass may be given to these functions.

// CRLF ends every line and every payload of the NATS protocol.
const CRLF = "\r\n"

// pub begins the line that publishes; a subject follows.
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

// PubLineLen is the length of what AppendPubLine appends for a subject of so many bytes.
func PubLineLen(subject, size int) int {
	digits := 1
	for ; size >= 10; size /= 10 {
		digits++
	}
	return PubStartLen(subject) + len(" ") + digits + len(CRLF)
}

// AppendPubStart appends what the frames of one payload do not have in common: "PUB subject".
func AppendPubStart(dst, subject []byte) []byte {
	dst = append(dst, pub...)
	return append(dst, subject...)
}

// PubStartLen is the length of what AppendPubStart appends for a subject of so many bytes.
func PubStartLen(subject int) int { return len(pub) + subject }

// OneWord reports whether a subject stays one word on a protocol line. Whoever writes such lines
// asks once more: a space or a line end that got past Rules, by whatever mistake, would be a
// command to the server.
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
