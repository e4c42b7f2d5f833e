package compact

import (
	"bytes"
	"crypto/sha256"
)

// A secure reply has the hash of what stands in front of it, spelled like this.
const (
	hashKey    = `","hash":"`
	messageKey = `"message":"`
	hashLength = 44
)

// A hashPlace is where the hash of a text is. at is 0 if there is none.
type hashPlace struct{ at, after int }

// findHash returns where text has what may be a hash. The base64 of 32 bytes ends with a single =,
// which is seldom in JSON.
func findHash(text []byte) hashPlace {
	for from := 0; ; {
		n := bytes.IndexByte(text[from:], '=')
		if n < 0 {
			return hashPlace{}
		}
		from += n + 1
		at := from - hashLength
		if at > len(hashKey) && from < len(text) && text[from] == '"' && string(text[at-len(hashKey):at]) == hashKey {
			return hashPlace{at, from}
		}
	}
}

// appendHash appends the hash at h, or a mark for it if a reader can compute it. last is where the
// last base64 of text ended. It uses h up.
func (u *undoer) appendHash(dst []byte, h *hashPlace, text []byte, last, depth int) []byte {
	is := text[h.at:h.after]
	key := h.at - len(hashKey)
	h.at = 0
	var sum [hashLength]byte
	if last == key {
		if appendSum(sum[:0], u.levels[depth+1]); string(sum[:]) == string(is) {
			return append(dst, markInner)
		}
	}
	var ok bool
	if u.scratch, ok = messageOf(u.scratch[:0], text[:key]); ok {
		if appendSum(sum[:0], u.scratch); string(sum[:]) == string(is) {
			return append(dst, markMessage)
		}
	}
	return append(dst, is...)
}

// messageOf appends the text of the string "message" that ends where text ends.
func messageOf(dst, text []byte) (_ []byte, ok bool) {
	n := bytes.Index(text, []byte(messageKey))
	if n < 0 {
		return dst, false
	}
	return unescape(dst, text[n+len(messageKey):])
}

// appendSum appends the base64 text of the SHA-256 of b.
func appendSum(dst, b []byte) []byte {
	sum := sha256.Sum256(b)
	return padded.encode(dst, sum[:])
}
