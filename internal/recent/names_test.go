package recent

import (
	"bytes"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// What is kept of a list of targets gives back the names that the scanner has read, with their
// escapes resolved, however the message is spelled.
func FuzzNames(f *testing.F) {
	for _, list := range []string{
		`["a.node.b","c"]`, ` [ "a" , "b" ]`, `["a",null,"b"]`, `[null]`, `[]`, `["","x",""]`,
		`["\u0061.node\/x","q\"\\"]`, `["ä","\n"]`, `["a","a"]`,
	} {
		f.Add([]byte(`{"protocol":"choria:transport:1","data":"x","headers":{"federation":{"target":` + list + `,"req":"q"}}}`))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		var env wire.Envelope
		targets, reason := wire.Scan(message, wire.Limits{Depth: 16, Hops: 16, Targets: 1000, Parts: 1000}, &env, nil)
		if reason != wire.OK {
			return
		}
		text := bytes.Clone(ListOf(message, targets))
		var want []string
		for i, s := range targets {
			if wire.Escaped(s.Of(message)) {
				targets[i] = wire.Resolve(message, s)
			}
			if s.Len > 0 {
				want = append(want, string(targets[i].Of(message)))
			}
		}
		if got := namesIn(text); !slices.Equal(got, want) {
			t.Errorf("as written: %q, want %q", got, want)
		}
		if got := namesIn(AppendNames(nil, message, targets)); !slices.Equal(got, want) {
			t.Errorf("resolved: %q, want %q", got, want)
		}
	})
}

// A list that has lost its end, or its beginning, does no harm.
func TestPartsOfListsAreReadAsFarAsTheyGo(t *testing.T) {
	text := []byte(`"a\"b","c"`)
	for i := range text {
		namesIn(text[:i])
		namesIn(text[i:])
	}
	if got := namesIn(text[:8]); !slices.Equal(got, []string{`a"b`}) {
		t.Errorf("%q", got)
	}
}
