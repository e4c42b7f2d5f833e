package compact

import (
	"bytes"
	"encoding/base64"
)

var (
	padded = base64.StdEncoding.Strict()
	tokens = base64.RawURLEncoding.Strict()
)

// decode appends what text decodes to. ok is false if encoding that again would not give text.
func decode(dst, text []byte, enc *base64.Encoding) (_ []byte, ok bool) {
	from := len(dst)
	dst = grow(dst, enc.DecodedLen(len(text)))
	n, err := enc.Decode(dst[from:cap(dst)], text)
	// The decoder skips line breaks, which then are missing in the length.
	if err != nil || enc.EncodedLen(n) != len(text) {
		return dst[:from], false
	}
	return dst[:from+n], true
}

// grow makes room for n bytes more. It keeps the length.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	return append(make([]byte, 0, 2*len(dst)+n), dst...)
}

// Ruby breaks base64 text after 60 characters and at the end. In JSON a break is two bytes.
const (
	lineLength = 60
	lineBreak  = `\n`
)

// joinLines appends text without its line breaks. ok is false if Ruby would break it elsewhere.
func joinLines(dst, text []byte) (_ []byte, ok bool) {
	for len(text) > 0 {
		n := min(lineLength, len(text)-len(lineBreak))
		if n <= 0 || string(text[n:n+len(lineBreak)]) != lineBreak {
			return dst, false
		}
		dst = append(dst, text[:n]...)
		text = text[n+len(lineBreak):]
	}
	return dst, true
}

// appendLines appends text with the line breaks of Ruby.
func appendLines(dst, text []byte) []byte {
	for len(text) > 0 {
		n := min(lineLength, len(text))
		dst = append(append(dst, text[:n]...), lineBreak...)
		text = text[n:]
	}
	return dst
}

// hasLines reports whether text may be base64 in lines.
func hasLines(text []byte) bool { return bytes.HasSuffix(text, []byte(lineBreak)) }
