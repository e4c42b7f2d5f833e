package fleet

import (
	crand "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// hexID is a v1 request id: a random (version 4) UUID without its dashes, 32 characters.
func hexID() string {
	var u [16]byte
	_, _ = crand.Read(u[:]) // it never fails
	return uuid(u)
}

func uuid(u [16]byte) string {
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return hex.EncodeToString(u[:])
}

const (
	ksuidEpoch = 1_400_000_000 // seconds, so that 32 bits last until 2150
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// ksuid is a v2 request id: 4 bytes of time and 16 random ones, as one number of 27 digits to the
// base 62.
func ksuid() string {
	var raw [20]byte
	_, _ = crand.Read(raw[4:])
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

// divide divides the number in place and returns the remainder. The first word is the most
// significant.
func divide(words *[5]uint32, by uint64) uint64 {
	var rest uint64
	for i, w := range words {
		n := rest<<32 | uint64(w)
		words[i], rest = uint32(n/by), n%by
	}
	return rest
}

// chance is how many characters at the end of an id are random in both versions.
const chance = 15

func chanceOf(id string) string { return id[max(0, len(id)-chance):] }

// IDs makes request ids. Their last 15 characters, on which the behaviour of nodes depends, are the
// same for the same seed. The time at the beginning of a v2 id is the real one. Not safe for
// concurrent use.
type IDs struct {
	version Version
	random  *rand.Rand
}

// NewIDs makes the source of a client's ids.
func NewIDs(v Version, seed uint64) *IDs {
	return &IDs{version: v, random: rand.New(rand.NewPCG(seed, 0x1d))}
}

// Next is another id.
func (s *IDs) Next() string {
	if s.version != V2 {
		var u [16]byte
		binary.BigEndian.PutUint64(u[:8], s.random.Uint64())
		binary.BigEndian.PutUint64(u[8:], s.random.Uint64())
		return uuid(u)
	}
	id := []byte(ksuid())
	for i := len(id) - chance; i < len(id); i++ {
		id[i] = base62[s.random.IntN(len(base62))]
	}
	return string(id)
}
