package wire

import "slices"

// A Span is a run of bytes given by offset and length, in a buffer that is told from the context. The zero Span is empty.
type Span struct{ Off, Len uint32 }

// Of returns the bytes of s in b. The result aliases b.
func (s Span) Of(b []byte) []byte { return b[s.Off : s.Off+s.Len : s.Off+s.Len] }

// Empty tells whether s holds no bytes.
func (s Span) Empty() bool { return s.Len == 0 }

func spanOf(from, to int) Span { return Span{Off: uint32(from), Len: uint32(to - from)} }

// roomFor grows a list of targets that is full, with so many bytes of the message left: at once for about all of them.
func roomFor(targets []Span, left int) []Span {
	const usual = 32 // bytes of a target
	return slices.Grow(targets, 1+max(len(targets), left/usual))
}
