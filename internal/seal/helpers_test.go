package seal

import (
	"testing"
	"time"
)

// issued is when the seals of tests are made.
var issued = time.Date(2026, 11, 28, 1, 50, 0, 123_456_000, time.UTC)

var (
	london = Scope{Cluster: "london", Role: Relay}
	reply  = []byte("mcollective.reply.74ce5a83.7c1f0a52")
)

// sampleFile is the key file of tests.
const sampleFile = `
# comment
9eb97c39 2026-11-28T01:00:00Z AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
`

func sampleRing(t testing.TB) *Ring {
	t.Helper()
	keys, err := Parse([]byte(sampleFile))
	if err != nil {
		t.Fatal(err)
	}
	return NewRing(keys)
}

func hourly(request string) *Claims {
	return &Claims{Issued: issued, Deadline: issued.Add(time.Hour), Request: []byte(request)}
}

// keysFrom returns keys that are used from the given times on.
func keysFrom(t testing.TB, times ...time.Time) *Keys {
	t.Helper()
	var all []Key
	for _, from := range times {
		all = append(all, Generate(from))
	}
	keys, err := NewKeys(all...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
