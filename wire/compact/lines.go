package compact

import "bytes"

// Ruby breaks base64 text after 60 characters and at the end. In JSON a break is two bytes.
const (
	lineLength = 60
	lineBreak  = `\n`
)

// hasLines reports whether text may be base64 in lines.
func hasLines(text []byte) bool { return bytes.HasSuffix(text, []byte(lineBreak)) }

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
