package compact

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// FuzzOpen opens anything, with a checksum that is right: it must not panic, and what it accepts is
// within the limits. Each message of it is one JSON message or none, as Scan says.
func FuzzOpen(f *testing.F) {
	for _, m := range compactSeeds(f) {
		f.Add(m)
	}
	limits := Limits{Bytes: 1 << 16, Messages: 50, Targets: 50}
	var d Decoder
	f.Fuzz(func(t *testing.T, m []byte) {
		if len(m) > headerAt {
			m = append([]byte(nil), m...)
			binary.LittleEndian.PutUint32(m[checksumAt:], checksum(m))
		}
		c, reason := d.Open(m, limits)
		if reason != wire.OK {
			if c.Messages != 0 || c.Bytes != 0 {
				t.Fatalf("%s, and %+v", reason, c)
			}
			return
		}
		text, places := d.Append(nil, nil)
		if len(text) != c.Bytes || len(places) != c.Messages || len(text) > limits.Bytes || len(places) > limits.Messages {
			t.Fatalf("%d bytes, %d messages: %+v", len(text), len(places), c)
		}
		if len(text) > MaxRatio*(len(m)+1) {
			t.Fatalf("%d bytes out of %d", len(text), len(m))
		}
		at := uint32(0)
		for _, place := range places {
			if place.Off != at || place.Empty() {
				t.Fatalf("a message at %d, not at %d", place.Off, at)
			}
			at += place.Len
			if p, ok := partsOf(place.Of(text)); ok {
				mustBeOneMessage(t, place.Of(text), &p)
			}
		}
		if int(at) != len(text) {
			t.Fatalf("%d bytes in places, of %d", at, len(text))
		}
	})
}

// mustBeOneMessage checks that JSON readers see one value in m, and the same parts when it is
// written anew.
func mustBeOneMessage(t *testing.T, m []byte, p *wire.Parts) {
	t.Helper()
	if !json.Valid(m) {
		t.Fatalf("Scan takes %q", m)
	}
	canonical := wire.AppendMessage(nil, p)
	again, ok := partsOf(canonical)
	if !ok || !bytes.Equal(wire.AppendMessage(nil, &again), canonical) {
		t.Fatalf("%q is no longer %q", m, canonical)
	}
}

func compactSeeds(t testing.TB) (all [][]byte) {
	var e Encoder
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		for _, n := range []int{1, 3, 40} {
			ps, _ := allParts(t, replies(n, corpus.Options{Version: v, OwnTokens: n == 3, Ping: n == 40}))
			all = append(all, e.AppendReplies(nil, []byte("c.reply.edge.a.k.="), ps))
		}
		for _, kind := range corpus.Kinds() {
			r, _ := joined(t, corpus.Request(corpus.Names(kind, 40, 1), v, 800, 1))
			r.Groups = []int{10, 40}
			all = append(all, e.AppendRequest(nil, &r))
		}
	}
	return all
}
