package wire

import "encoding/binary"

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
	if ordinary(subject) {
		return OK
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

// ordinary tells of most good subjects that they are, eight bytes at a time: they hold nothing but plain bytes and single
// dots between them.
func ordinary(subject []byte) bool {
	n := len(subject)
	if n < 8 || subject[0] == '.' || subject[n-1] == '.' {
		return false
	}
	before := uint64(0) // the mark of the byte in front of the word
	for i := 0; i+8 <= n; i += 8 {
		w := binary.LittleEndian.Uint64(subject[i:])
		d := dots(w)
		if unusual(w)|d&(d<<8|before) != 0 {
			return false
		}
		before = d >> 56
	}
	w := binary.LittleEndian.Uint64(subject[n-8:])
	d := dots(w)
	return unusual(w)|d&(d<<8) == 0
}

// unusual is 0 if w holds only plain bytes and dots. A byte outside ASCII shows in most of the differences.
func unusual(w uint64) uint64 {
	low, del := w-ones*'!', w+ones
	quote, slash := (w^ones*'"')-ones, (w^ones*'\\')-ones
	star, greater := (w^ones*'*')-ones, (w^ones*'>')-ones
	return (low | del | quote | slash | star | greater) & highs
}

// dots marks the dots in w, which is ASCII.
func dots(w uint64) uint64 { return (highs - (w ^ ones*'.')) & highs }

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

// IsPlain tells whether text could stand in a subject or a log line as it is: printable ASCII without quotes, backslashes
// and spaces. The empty text is.
func IsPlain(text []byte) bool {
	for _, c := range text {
		if classOf[c] == bad {
			return false
		}
	}
	return true
}
