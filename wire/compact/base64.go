package compact

import (
	"encoding/base64"
	"encoding/binary"
)

// An alphabet is a way to spell base64: with padding or without. Package base64 does the same in
// twice the time, which would be a third of what a reply costs.
type alphabet struct {
	enc   *base64.Encoding
	pairs [4096]uint16 // two characters for 12 bits, the first one as the lower byte
	bits  [4][256]uint32
}

// invalid is set in bits of a byte that is no character of the alphabet.
const invalid = 1 << 31

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var (
	padded = newAlphabet(base64.StdEncoding.Strict(), letters+"+/")
	tokens = newAlphabet(base64.RawURLEncoding.Strict(), letters+"-_")
)

func newAlphabet(enc *base64.Encoding, chars string) *alphabet {
	a := &alphabet{enc: enc}
	for k := range a.bits {
		for c := range a.bits[k] {
			a.bits[k][c] = invalid
		}
		for v := range chars {
			a.bits[k][chars[v]] = uint32(v) << (18 - 6*k)
		}
	}
	for v := range a.pairs {
		a.pairs[v] = uint16(chars[v>>6]) | uint16(chars[v&63])<<8
	}
	return a
}

// decode appends what text decodes to. ok is false if encoding that again would not give text.
func (a *alphabet) decode(dst, text []byte) (_ []byte, ok bool) {
	from := len(dst)
	dst = grow(dst, a.enc.DecodedLen(len(text))+8)
	to := dst[from:cap(dst)]
	n := 0
	for len(text) > 8 { // the last 8 bytes may have padding
		v := a.bits[0][text[0]] | a.bits[1][text[1]] | a.bits[2][text[2]] | a.bits[3][text[3]]
		w := a.bits[0][text[4]] | a.bits[1][text[5]] | a.bits[2][text[6]] | a.bits[3][text[7]]
		if (v|w)&invalid != 0 {
			return dst[:from], false
		}
		binary.BigEndian.PutUint64(to[n:], uint64(v)<<40|uint64(w)<<16)
		n, text = n+6, text[8:]
	}
	rest, err := a.enc.Decode(to[n:], text)
	// Package base64 skips line breaks, which then are missing in the length.
	if err != nil || a.enc.EncodedLen(rest) != len(text) {
		return dst[:from], false
	}
	return dst[:from+n+rest], true
}

// encode appends the base64 text of b.
func (a *alphabet) encode(dst, b []byte) []byte {
	dst = grow(dst, a.enc.EncodedLen(len(b)))
	to := dst[len(dst):cap(dst)]
	n := 0
	for len(b) >= 8 {
		v := binary.BigEndian.Uint64(b)
		binary.LittleEndian.PutUint64(to[n:], uint64(a.pairs[v>>52])|uint64(a.pairs[v>>40&4095])<<16|
			uint64(a.pairs[v>>28&4095])<<32|uint64(a.pairs[v>>16&4095])<<48)
		n, b = n+8, b[6:]
	}
	a.enc.Encode(to[n:], b)
	return dst[:len(dst)+n+a.enc.EncodedLen(len(b))]
}

// grow makes room for n bytes more. It keeps the length.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	return append(make([]byte, 0, 2*len(dst)+n), dst...)
}
