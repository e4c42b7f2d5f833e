package wire

import "bytes"

// skipStrings steps over a list of strings, from the one whose opening quote is at i on. It returns
// where the last string begins that it can reach. The strings must have no escapes, and nothing but
// a comma between them. It looks at eight bytes at a time, whether strings end in them or not.
func skipStrings(b []byte, i int) int {
	from := i
	var inside uint64 // all bits set if the byte before was in a string
	// A mark on the lowest byte if the byte before was a comma. One is assumed before the first
	// byte.
	comma := uint64(0x80)
	for ; i+8 <= len(b); i += 8 {
		w := word(b[i:])
		if (w|(w-ones*' ')|(highs-(w^ones*'\\')))&highs != 0 {
			break // the code below needs printable ASCII without backslashes
		}
		quotes := (highs - (w ^ ones*'"')) & highs
		// Byte by byte: is the number of quotes up to here odd?
		odd := (quotes >> 7) * ones
		in := odd&ones ^ inside
		between := ^(in<<7 | quotes) & highs
		opening := quotes & (in << 7)
		// Between two strings there must be a comma only, and each string must begin behind a
		// comma.
		if between&^(highs-(w^ones*',')) != 0 || opening != between<<8|comma {
			break
		}
		inside ^= (odd >> 56 & 1) * ones
		comma = between >> 56
	}
	return lastString(b[from:i], inside == 0) + from
}

// lastString returns where the last string in b begins. closed says that b has the closing quote of
// that string.
func lastString(b []byte, closed bool) int {
	n := bytes.LastIndexByte(b, '"')
	if closed {
		n = bytes.LastIndexByte(b[:max(n, 0)], '"')
	}
	return max(n, 0)
}
