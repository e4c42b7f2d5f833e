package wire

import (
	"encoding/binary"
	"strconv"
)

// CRLF ends every line and every payload of the NATS protocol.
const CRLF = "\r\n"

// Pub begins the line that publishes; a subject follows.
const Pub = "PUB "

// AppendPub appends the line that stands in front of a payload of n bytes for subject, which Rules have let pass:
// "PUB subject n\r\n". The payload and CRLF follow it. The format is that of the NATS client protocol.
func AppendPub(dst, subject []byte, n int) []byte {
	dst = append(dst, Pub...)
	dst = append(dst, subject...)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, CRLF...)
}

// PubLen is the length of what AppendPub appends for a subject of so many bytes.
func PubLen(subject, n int) int {
	digits := 1
	for ; n >= 10; n /= 10 {
		digits++
	}
	return len(Pub) + subject + len(" ") + digits + len(CRLF)
}

// OneWord tells whether a subject stays one word on a protocol line. Whoever writes such lines asks once more: a space or a
// line end that got past Rules, by whatever mistake, would be a command to the server.
func OneWord(subject []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	b := subject
	for ; len(b) >= 8; b = b[8:] {
		if w := binary.LittleEndian.Uint64(b); (w-ones*(' '+1))&^w&tops != 0 {
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
