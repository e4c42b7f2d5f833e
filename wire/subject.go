package wire

// Classes of bytes in a subject.
const (
	plain = iota
	dot
	star
	greater
	bad
)

// classOf is the class of each byte in a subject. All bytes outside printable ASCII are bad. The
// quote and the backslash are bad, too, because JSON escapes them: a good subject is spelled the
// same in a message and on a protocol line.
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

// peerClassOf is classOf for subjects that the incumbent would publish on. Bytes that could end a
// word or a line of the protocol stay bad, and so do control bytes.
var peerClassOf = func() (t [256]uint8) {
	t = classOf
	for c := int(' ') + 1; c < len(t); c++ {
		if t[c] == bad {
			t[c] = plain
		}
	}
	return t
}()

// CheckSubject returns OK if subject is literal, well formed and at most limit bytes long.
func CheckSubject(subject []byte, limit int) Reason {
	if len(subject) <= limit && ordinary(subject, 0) {
		return OK
	}
	return checkBytes(subject, limit, &classOf)
}

// checkBytes is CheckSubject byte by byte.
func checkBytes(subject []byte, limit int, classOf *[256]uint8) Reason {
	if len(subject) > limit {
		return SubjectTooLong
	}
	r := OK
	last := uint8(dot) // class of the byte before
	token := 0         // bytes in the current token
	for _, c := range subject {
		class := classOf[c]
		switch class {
		case bad:
			return BadSubject
		case dot:
			r = firstReason(r, tokenReason(last, token))
			token = -1
		}
		token++
		last = class
	}
	return firstReason(r, tokenReason(last, token))
}

// ordinary reports whether a subject is certainly good. It finds most good subjects, which hold
// only bytes of usual names and single dots between them, and looks at sixteen bytes at a time. A
// token begins at subject[from], and the bytes before it are known to be good.
func ordinary(subject []byte, from int) bool {
	last := len(subject) - 1
	if last < 16 || subject[from] == '.' || classOf[subject[last]] != plain {
		return false
	}
	for i := from; ; i += 16 {
		if i+16 > last {
			i = last - 16 // look at some bytes twice
		}
		w := subject[i : i+17]
		w0, w1 := word(w), word(w[8:])
		if (unusual(w0)|unusual(w1)|dots(w0, word(w[1:]))|dots(w1, word(w[9:])))&highs != 0 {
			return false
		}
		if i+16 == last {
			return true
		}
	}
}

// unusual marks bytes that are rare in a subject: < > \ ^ | ~, those below '-', and all outside
// printable ASCII. Every byte with a meaning in a JSON string or in a subject, except the dot, is
// among them. Marks above the first one may be false.
func unusual(w uint64) uint64 {
	return (w - ones*'-') | (w + ones) | ((w&(ones*0x9d) ^ ones*0x1c) - ones)
}

// dots marks positions at which both w and v hold a dot, if neither holds anything unusual. A byte
// that has no other bits than a dot is a dot, or is unusual because it is below '-'. Marks above
// the first one may be false.
func dots(w, v uint64) uint64 { return ((w | v) ^ ones*'.') - ones }

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

// firstReason returns the first reason that was found.
func firstReason(r, next Reason) Reason {
	if r != OK {
		return r
	}
	return next
}

// IsPlain reports whether text can stand in a subject or a log line as it is. It can if it is
// printable ASCII without quotes, backslashes and spaces, or empty.
func IsPlain(text []byte) bool {
	for _, c := range text {
		if classOf[c] == bad {
			return false
		}
	}
	return true
}
