package corpus

import (
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/fedrelay/fedrelay/wire"
)

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// requestID is 32 hexadecimal digits in version 1, and a KSUID in version 2.
func requestID(r *rand.Rand, v wire.Version) string {
	if v == wire.V2 {
		return ksuid(r)
	}
	return fmt.Sprintf("%x", randomBytes(r, 16))
}

// ksuid is 4 bytes of time and 16 random ones, as 27 digits to the base 62.
func ksuid(r *rand.Rand) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	const epoch = 1_400_000_000
	var n, digit big.Int
	when := start - epoch
	n.SetBytes(append([]byte{byte(when >> 24), byte(when >> 16), byte(when >> 8), byte(when)}, randomBytes(r, 16)...))
	text := make([]byte, 27)
	for i := range text {
		n.DivMod(&n, big.NewInt(int64(len(digits))), &digit)
		text[len(text)-1-i] = digits[digit.Int64()]
	}
	return string(text)
}
