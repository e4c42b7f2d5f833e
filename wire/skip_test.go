package wire

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// strings are strings as they stand in lists, with some that are hard to read.
var listed = []string{
	``, `a`, `,`, `]`, `[`, `,,`, `],[`, `eu.node.web1`, `a,b`, `1234567`, `12345678`, `123456789012345678901234567890`,
	`\"`, `\\`, `\"]`, `é`, `\u0061`, "\x7f", `{}`, ` `,
}

// FuzzSkipStrings looks for bytes behind a quote where skipStrings steps over anything but whole
// strings of a list.
func FuzzSkipStrings(f *testing.F) {
	for _, s := range listed {
		f.Add([]byte(`"` + s + `","` + s + `","x"]`))
		f.Add([]byte(`"` + strings.Repeat(s+`","`, 30) + `"]}`))
	}
	f.Fuzz(func(t *testing.T, tail []byte) {
		b := append([]byte(`["`), tail...)
		at := skipStrings(b, 1)
		if at < 1 || b[at] != '"' {
			t.Fatalf("%d in %q", at, b)
		}
		if list := append(b[:at:at], `"x"]`...); json.Unmarshal(list, new([]string)) != nil {
			t.Fatalf("stepped over %q of %q", b[:at], b)
		}
	})
}

// A list is stepped over where it would be read, whatever strings are in it, canonical or not.
func TestTargetsAreSteppedOverAsTheyAreRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var list []string
		for range random.IntN(40) {
			list = append(list, `"`+listed[random.IntN(1+random.IntN(len(listed)))]+`"`)
		}
		text := strings.Join(list, ",")
		if random.IntN(3) == 0 && len(text) > 0 { // break it somewhere
			at := random.IntN(len(text))
			text = text[:at] + string(`",[]x\ `[random.IntN(7)]) + text[at+random.IntN(2):]
		}
		b := []byte(v1(`"mc_sender":"n1","federation":{"req":"r","reply-to":"m.reply.a","target":[` + text + `]}`))
		mustStepOver(t, b)
	}
}

func mustStepOver(t *testing.T, b []byte) {
	t.Helper()
	var read, stepped Envelope
	_, want := Scan(b, usual, &read, nil)
	targets, got := Scan(b, skipping, &stepped, nil)
	read.FedTargets = 0
	if got != want || want == OK && (stepped != read || len(targets) != 0) {
		t.Fatalf("%q %+v with %d targets,\nread as %q %+v:\n%s", got, stepped, len(targets), want, read, b)
	}
	mustScanAlike(t, b)
}

func TestANullTargetIsAnEmptyName(t *testing.T) {
	b := []byte(v1(`"federation":{"target":["a.b", null ,"c.d"]}`))
	env, targets := mustScan(t, b)
	if env.FedTargets != 3 || len(targets) != 3 || !targets[1].Empty() || targets[0].Off >= targets[1].Off || targets[1].Off >= targets[2].Off {
		t.Errorf("%d %v", env.FedTargets, targets)
	}
}
