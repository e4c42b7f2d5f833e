//go:build pooldebug

package pool

// scrub overwrites returned bytes: a reader that kept them sees 0xDB instead of a message that looks right.
func scrub(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}
