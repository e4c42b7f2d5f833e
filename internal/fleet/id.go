package fleet

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// hexID is a v1 request id: a random (version 4) UUID without its dashes, 32 characters.
func hexID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return hex.EncodeToString(u[:])
}

const (
	ksuidEpoch = 1_400_000_000 // seconds, so that 32 bits last until 2150
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// ksuid is a v2 request id: 4 bytes of time and 16 of chance as one number, 27 digits to the base 62.
func ksuid() string {
	var raw [20]byte
	_, _ = rand.Read(raw[4:])
	binary.BigEndian.PutUint32(raw[:], uint32(time.Now().Unix()-ksuidEpoch))
	var words [5]uint32
	for i := range words {
		words[i] = binary.BigEndian.Uint32(raw[4*i:])
	}
	var out [27]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = base62[divide(&words, 62)]
	}
	return string(out[:])
}

// divide divides the number in place and returns the remainder. The first word is the most significant.
func divide(words *[5]uint32, by uint64) uint64 {
	var rest uint64
	for i, w := range words {
		n := rest<<32 | uint64(w)
		words[i], rest = uint32(n/by), n%by
	}
	return rest
}
