package wire

import (
	"encoding/json"
	"testing"
)

// FuzzNormalize looks for messages that peer mode reads in another way than the incumbent, which
// uses encoding/json.
func FuzzNormalize(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		out, r := Normalize(b)
		want, err := readAsIncumbent(b)
		if (r == OK) != (err == nil) {
			t.Fatalf("Normalize says %q, the incumbent %v: %q", r, err, b)
		}
		if r != OK {
			if (r == Malformed) != !json.Valid(b) {
				t.Fatalf("Normalize says %q: %q", r, b)
			}
			return
		}
		var env Envelope
		targets, r := ScanNormalized(out, Limits{Depth: 4, Hops: len(b), Targets: len(b)}, &env, nil)
		if r != OK {
			t.Fatalf("%v: %q", r, out)
		}
		mustEqual(t, b, readAsScanned(t, out, &env, targets), want)
		mustAgree(t, b, want)
	})
}

// mustAgree checks that a message that Scan takes is read by the peer way alike.
func mustAgree(t *testing.T, b []byte, want reading) {
	var env Envelope
	targets, r := Scan(b, usual, &env, nil)
	if r != OK {
		return
	}
	got := readAsScanned(t, b, &env, targets)
	for i, h := range got.Trace {
		got.Trace[i] = append(h, "")[:3]
	}
	if len(got.Trace) == 0 {
		got.Trace = nil
	}
	got.Data = want.Data // base64 with line breaks, without in want
	mustEqual(t, b, got, want)
}
