package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"time"
)

// secretLen is how many bytes a secret has.
const secretLen = 32

// A Key is one line of a key file.
type Key struct {
	From   time.Time // from when on it is used for sealing; whole seconds
	secret [secretLen]byte
}

// Generate returns a new key that is used from a time on.
func Generate(from time.Time) Key {
	k := Key{From: from.UTC().Truncate(time.Second)}
	rand.Read(k.secret[:]) // never fails
	return k
}

// ID returns the name of k in seals, in the key file and for people: 8 hexadecimal digits. It
// follows from the secret, so that two secrets do not have one name, and one says nothing about the
// other.
func (k *Key) ID() string {
	id := k.id()
	return hex.EncodeToString(id[:])
}

func (k *Key) id() (id [idLen]byte) {
	sum := sha256.Sum256(append([]byte("fedrelay seal key id\x00"), k.secret[:]...))
	copy(id[:], sum[:])
	return id
}

// mac returns the mac of a scope, with a key that is derived from the secret.
func (k *Key) mac(s Scope) hash.Hash {
	derived, err := hkdf.Key(sha256.New, k.secret[:], nil, "fedrelay seal 1\x00"+s.text(), sha256.Size)
	if err != nil {
		panic("seal: BUG: cannot derive a key: " + err.Error())
	}
	return hmac.New(sha256.New, derived)
}
