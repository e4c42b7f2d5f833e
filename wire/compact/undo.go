package compact

import (
	"bytes"
	"unicode/utf8"
)

// An undoer makes flat texts. Its memory is one text for each depth.
type undoer struct {
	levels  [maxDepth + 1][]byte
	scratch []byte
}

// nestedAt returns where base64 of a JSON object begins in text, or -1. That is spelled "eyJ, and
// of these a J is seldom in JSON, so it is what is looked for: bytes.Index takes ten times as long.
func nestedAt(text []byte) int {
	const start = `"ey`
	for from := 0; ; {
		n := bytes.IndexByte(text[from:], 'J')
		if n < 0 {
			return -1
		}
		if n += from; n >= len(start) && string(text[n-len(start):n]) == start {
			return n - len(start) + 1
		}
		from = n + 1
	}
}

// data appends the flat text of the data of a message, a JSON string.
func (u *undoer) data(dst, data []byte) []byte {
	from := len(dst)
	if n := len(data); n >= 2 && data[0] == '"' && data[n-1] == '"' {
		inner := data[1 : n-1]
		kind := byte(markBase64)
		ok := true
		if hasLines(inner) {
			kind = markLines
			u.scratch, ok = joinLines(u.scratch[:0], inner)
			inner = u.scratch
		}
		if ok {
			if dst, ok = u.inner(append(dst, '"'), inner, kind, 1); ok {
				return append(dst, markEnd, '"')
			}
		}
	}
	return append(dst[:from], data...)
}

// inner appends a mark and the flat text of what text is the base64 of.
func (u *undoer) inner(dst, text []byte, mark byte, depth int) (_ []byte, ok bool) {
	enc := padded
	if mark == markURL {
		enc = tokens
	}
	if u.levels[depth], ok = enc.decode(u.levels[depth][:0], text); !ok || !readable(u.levels[depth]) {
		return dst, false
	}
	return u.level(append(dst, mark), depth), true
}

// readable reports whether b can stand in a flat text.
func readable(b []byte) bool { return len(b) > 0 && utf8.Valid(b) }

// level appends the flat text of levels[depth].
func (u *undoer) level(dst []byte, depth int) []byte {
	text := u.levels[depth]
	hash := findHash(text)
	done, last := 0, -1 // last is where the last base64 ended, whose bytes are in levels[depth+1]
	for at := 0; depth < maxDepth; {
		n := nestedAt(text[at:])
		if n < 0 {
			break
		}
		from := at + n
		to := from + stringLen(text[from:])
		if hash.at > 0 && from >= hash.at {
			dst = u.appendHash(append(dst, text[done:hash.at]...), &hash, text, last, depth)
			done, at = hash.after, hash.after
			continue
		}
		if out, ok := u.one(append(dst, text[done:from]...), text[from:to], depth+1); ok {
			dst, done, last = out, to, to
		}
		at = to
	}
	if hash.at > 0 {
		dst = u.appendHash(append(dst, text[done:hash.at]...), &hash, text, last, depth)
		done = hash.after
	}
	return append(dst, text[done:]...)
}

// stringLen returns where the JSON string that b begins with ends. It may be a string in strings,
// with backslashes in front of its quote.
func stringLen(b []byte) int {
	n := bytes.IndexByte(b, '"')
	if n < 0 {
		return len(b)
	}
	for n > 0 && b[n-1] == '\\' {
		n--
	}
	return n
}

// one appends what text, a whole string, is the base64 or token of.
func (u *undoer) one(dst, text []byte, depth int) (_ []byte, ok bool) {
	head, rest, isToken := bytes.Cut(text, []byte{'.'})
	if !isToken {
		dst, ok = u.inner(dst, text, markBase64, depth)
		return append(dst, markEnd), ok
	}
	claims, signature, ok := bytes.Cut(rest, []byte{'.'})
	if !ok {
		return dst, false
	}
	if dst, ok = u.inner(dst, head, markURL, depth); !ok {
		return dst, false
	}
	if dst, ok = u.inner(append(dst, markEndDot), claims, markURL, depth); !ok {
		return dst, false
	}
	return append(append(dst, markEndDot), signature...), true
}
