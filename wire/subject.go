package wire

// Classes of bytes in a subject.
const (
	plain = iota
	dot
	star
	greater
	bad
)

// classOf tells what each byte means in a subject. Outside the printable ASCII characters all are bad; so are the quote
// and the backslash, which JSON would have escaped: what is left stands in a message as it does on a protocol line.
var classOf = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c <= ' ' || c >= 0x7f || c == '"' || c == '\\':
			t[c] = bad
		case c == '.':
			t[c] = dot
		case c == '*':
			t[c] = star
		case c == '>':
			t[c] = greater
		}
	}
	return t
}()

// CheckSubject tells whether subject is literal and well formed and not longer than limit bytes.
func CheckSubject(subject []byte, limit int) Reason {
	if len(subject) > limit {
		return SubjectTooLong
	}
	r := OK
	last := uint8(dot) // what the byte before was
	token := 0         // bytes in the current token
	for _, c := range subject {
		class := classOf[c]
		switch class {
		case bad:
			return BadSubject
		case dot:
			r = worse(r, tokenReason(last, token))
			token = -1
		}
		token++
		last = class
	}
	return worse(r, tokenReason(last, token))
}

// tokenReason judges a token by its length and its last byte.
func tokenReason(last uint8, length int) Reason {
	switch {
	case length == 0:
		return EmptyToken
	case length == 1 && (last == star || last == greater):
		return Wildcard
	}
	return OK
}

// worse keeps the first reason found.
func worse(r, next Reason) Reason {
	if r != OK {
		return r
	}
	return next
}
