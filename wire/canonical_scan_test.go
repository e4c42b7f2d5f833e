package wire

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCanonicalMessagesTakeTheFastWay(t *testing.T) {
	for _, s := range canonicalSeeds {
		if !mustScanAlike(t, []byte(s)) {
			t.Errorf("the parser must read %s", s)
		}
	}
	for _, b := range [][]byte{request(1, 0), request(10_000, 1<<10), reply(0), reply(1 << 16)} {
		if !mustScanAlike(t, b) {
			t.Errorf("the parser must read %.200s", b)
		}
	}
}

// If clients changed the order of their keys, or added a level, messages would still be read, only
// more slowly. No other test would notice.
func TestRecordedMessagesTakeTheFastWay(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectors(t, "conversations"), "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Broker string
		Data   *string
	}
	for _, file := range files {
		for _, l := range readLines[line](t, file) {
			if l.Data != nil && l.Broker != "none" && !mustScanAlike(t, []byte(*l.Data)) {
				t.Errorf("%s: the parser must read %s", filepath.Base(file), *l.Data)
			}
		}
	}
}

// Each byte of canonical messages is left out, doubled, changed in one bit, and replaced or
// preceded by each byte with a meaning in JSON.
func TestTheFastWayTakesNothingElse(t *testing.T) {
	for _, s := range append(canonicalSeeds, v1(`"mc_sender":"`+strings.Repeat("s", 100)+`"`)) {
		for at := range len(s) {
			head, old, tail := s[:at], s[at:at+1], s[at+1:]
			mustScanAlike(t, []byte(head))
			mustScanAlike(t, []byte(head+tail))
			mustScanAlike(t, []byte(head+old+old+tail))
			for _, c := range []byte("\",:[]{}\\ n0\x00\x80") {
				mustScanAlike(t, []byte(head+string([]byte{c})+old+tail))
				mustScanAlike(t, slices.Concat([]byte(head), []byte{c}, []byte(tail)))
			}
			for bit := range 8 {
				mustScanAlike(t, slices.Concat([]byte(head), []byte{old[0] ^ 1<<bit}, []byte(tail)))
			}
		}
	}
}

// Any two pieces of a message are exchanged, repeated or left out.
func TestTheFastWayMindsTheOrder(t *testing.T) {
	for _, s := range canonicalSeeds {
		pieces := bytes.SplitAfter([]byte(s), []byte(","))
		for i := range pieces {
			mustScanAlike(t, bytes.Join(slices.Delete(slices.Clone(pieces), i, i+1), nil))
			for j := range pieces {
				swapped := slices.Clone(pieces)
				swapped[i], swapped[j] = pieces[j], pieces[i]
				mustScanAlike(t, bytes.Join(swapped, nil))
				mustScanAlike(t, bytes.Join(slices.Insert(slices.Clone(pieces), i, pieces[j]), nil))
			}
		}
	}
}

func TestQuoteFindsTheFirstQuote(t *testing.T) {
	for length := range 100 {
		for from := range length {
			for at := range length {
				b := bytes.Repeat([]byte("#"), length) // a quote but for the lowest bit
				b[at] = '"'
				b[length-1] = '"'
				n := bytes.IndexByte(b[from:], '"')
				got, ok := quote(b, from)
				if ok != (from+n+2 < length) || ok && got != from+n {
					t.Fatalf("%d, %v in %q from %d", got, ok, b, from)
				}
			}
		}
	}
}

func TestUnescapedSeesEveryByte(t *testing.T) {
	for _, length := range []int{64, 65, 100, 127, 128, 129, 200} {
		for at := range length {
			for c := range 256 {
				b := bytes.Repeat([]byte("a"), length)
				b[at] = byte(c)
				want := c >= ' ' && c != '\\' && c < 0x80
				if got := unescaped(b); got != want {
					t.Fatalf("%v for %q", got, b)
				}
			}
		}
	}
}
