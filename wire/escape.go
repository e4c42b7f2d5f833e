package wire

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// Escaped reports whether text, a JSON string without its quotes, holds escapes.
func Escaped(text []byte) bool { return bytes.IndexByte(text, '\\') >= 0 }

// Resolve resolves the escapes of s, a string that Scan has read, in b itself. It returns the span
// of the result, which is never longer, because no escape is shorter than its character.
func Resolve(b []byte, s Span) Span {
	text := s.Of(b)
	s.Len = uint32(len(AppendResolved(text[:0], text)))
	return s
}

// AppendResolved appends text with its escapes resolved. text is a JSON string that Scan has read,
// without its quotes. It may begin where dst ends, because the result is never longer.
func AppendResolved(dst, text []byte) []byte {
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\\')
		if n < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:n]...)
		var r rune
		r, n = resolve(text[n:]), n+escapeLen(text[n:])
		dst = utf8.AppendRune(dst, r)
		text = text[n:]
	}
	return dst
}

// resolve returns the character that the escape at the start of b stands for.
func resolve(b []byte) rune {
	switch b[1] {
	case 'u':
		code := unicodeEscape(b)
		if isHigh(code) {
			return utf16.DecodeRune(code, unicodeEscape(b[6:]))
		}
		return code
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return rune(b[1])
}

// escapeLen returns the length of the escape sequence that b begins with, or 0 if there is none. A
// surrogate pair is one sequence, and half a pair is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	}
	switch code := unicodeEscape(b); {
	case code < 0, isLow(code):
		return 0
	case !isHigh(code):
		return 6
	case isLow(unicodeEscape(b[6:])):
		return 12
	}
	return 0
}

// unicodeEscape returns the number in the \uXXXX that b begins with, or -1 if b begins with
// something else.
func unicodeEscape(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	code := rune(0)
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			code = code<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			code = code<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return code
}

func isHigh(code rune) bool { return 0xD800 <= code && code < 0xDC00 }

func isLow(code rune) bool { return 0xDC00 <= code && code < 0xE000 }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
