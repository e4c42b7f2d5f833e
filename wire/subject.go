package wire

// Classes of bytes in a subject.
const (
	plain = iota
	dot
	star
	greater
	bad
)

// classOf is what each byte means in a subject. Outside the printable ASCII characters all are bad.
// So are the quote and the backslash, which JSON escapes: a good subject stands in a message as it
// does on a protocol line.
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

// CheckSubject reports whether subject is literal and well formed and not longer than limit bytes.
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
	last := uint8(dot) // what the byte before was
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

// ordinary reports whether a subject is surely good. Most good subjects are found so, sixteen bytes
// at a time: they hold nothing but the bytes that names are made of, and single dots between them.
// A token begins at subject[from], and what is in front of it is known to be good.
func ordinary(subject []byte, from int) bool {
	last := len(subject) - 1
	if last < 16 || subject[from] == '.' || classOf[subject[last]] != plain {
		return false
	}
	for i := from; ; i += 16 {
		if i+16 > last {
			i = last - 16 // some bytes are seen twice
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

// unusual marks the bytes that are seldom in a subject: those below '-', among them what has a
// meaning in JSON or in a subject, < > \ ^ | ~, and all outside printable ASCII. Marks above the
// first one may be false.
func unusual(w uint64) uint64 {
	return (w - ones*'-') | (w + ones) | ((w&(ones*0x9d) ^ ones*0x1c) - ones)
}

// dots marks where both w and v hold a dot, if neither holds anything unusual. The bits of a dot
// are set in nothing else but bytes below '-'. Marks above the first one may be false.
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

// IsPlain reports whether text could stand in a subject or a log line as it is: printable ASCII
// without quotes, backslashes and spaces. The empty text could.
func IsPlain(text []byte) bool {
	for _, c := range text {
		if classOf[c] == bad {
			return false
		}
	}
	return true
}
