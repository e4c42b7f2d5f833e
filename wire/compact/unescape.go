package compact

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the text of a JSON string. ok is false if it has an escape that is none, or that
// is half of a surrogate pair. Going byte by byte takes less time than eight bytes at once, because
// in JSON in JSON every fifth byte is an escape.
func unescape(dst, s []byte) (_ []byte, ok bool) {
	dst = grow(dst, len(s))
	to := dst[len(dst) : len(dst)+len(s)]
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' {
			if i++; i == len(s) {
				return dst, false
			}
			if c = plain[s[i]]; c == 0 {
				size := unicodeEscape(to[n:n], s[i:])
				if size == 0 {
					return dst, false
				}
				i, n = i+4, n+size
				continue
			}
		}
		to[n] = c
		n++
	}
	return dst[:len(dst)+n], true
}

// unicodeEscape appends the character of the escape that s begins with, behind the backslash. It
// returns how many bytes that takes, and 0 for what is no character of its own. dst has room.
func unicodeEscape(dst, s []byte) int {
	if len(s) < 5 || s[0] != 'u' {
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

// plain is what stands behind the backslash of an escape, by what it stands for.
var plain = [256]byte{'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'}
