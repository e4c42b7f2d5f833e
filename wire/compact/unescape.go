package compact

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the text of a JSON string. ok is false if it has an escape that is none, or that
// is half of a surrogate pair.
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
			if i+4 <= len(s) && string(s[i:i+4]) == quoteTwice {
				to[n], to[n+1] = '\\', '"'
				i, n = i+4, n+2
				continue
			}
		}
		c := s[i]
		if i++; c == '\\' {
			if i == len(s) {
				return dst, false
			}
			if s[i] == 'u' {
				size := unicodeEscape(to[n:n], s[i:])
				if size == 0 {
					return dst, false
				}
				i, n = i+5, n+size
				continue
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

// unicodeEscape appends the character of the escape that s begins with, behind the backslash. It
// returns how many bytes that takes, and 0 for what is no character of its own. dst has room.
func unicodeEscape(dst, s []byte) int {
	if len(s) < 5 {
		return 0
	}
	r := rune(0)
	for _, c := range s[1:5] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0
		}
	}
	if utf16.IsSurrogate(r) {
		return 0
	}
	return len(utf8.AppendRune(dst, r))
}

// quoteTwice is the quote of a string in a string, which is half of all escapes.
const quoteTwice = `\\\"`

// backslash returns how many bytes of w come before the first backslash, from the lowest on.
func backslash(w uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	x := w ^ ones*'\\'
	return bits.TrailingZeros64((x-ones)&^x&highs) / 8
}

// plain is what stands behind the backslash of an escape, by what it stands for.
var plain = [256]byte{'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'}
