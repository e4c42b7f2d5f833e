package compact

import (
	"encoding/binary"
	"math/bits"
)

// unescape appends the text of a JSON string. ok is false if it has escapes other than those of
// quotes, backslashes, slashes and the usual control characters.
func unescape(dst, s []byte) (_ []byte, ok bool) {
	dst = grow(dst, len(s)+8)
	to := dst[len(dst) : len(dst)+len(s)+8]
	n := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			w := binary.LittleEndian.Uint64(s[i:])
			binary.LittleEndian.PutUint64(to[n:], w)
			run := backslash(w)
			i, n = i+run, n+run
			if run == 8 {
				continue
			}
		}
		c := s[i]
		if i++; c == '\\' {
			if i == len(s) {
				return dst, false
			}
			if c = plain[s[i]]; c == 0 {
				return dst, false
			}
			i++
		}
		to[n] = c
		n++
	}
	return dst[:len(dst)+n], true
}

// backslash returns how many bytes of w come before the first backslash, from the lowest on.
func backslash(w uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	x := w ^ ones*'\\'
	return bits.TrailingZeros64((x-ones)&^x&highs) / 8
}

// plain is what stands behind the backslash of an escape, by what it stands for.
var plain = [256]byte{'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'}
