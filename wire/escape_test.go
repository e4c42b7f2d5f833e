package wire

import (
	"encoding/json"
	"testing"
)

// FuzzResolve looks for strings that are resolved otherwise than encoding/json reads them.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{`a`, `\/`, `\u0026`, `a\"\\\b\f\n\r\t`, `\ud83d\ude00é`, `m.node.a\u003eb`, `\u0000`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := []byte(`x"` + text + `"y`)
		s := scanner{b: b, i: 1}
		span, r := s.str(0)
		if r != OK || s.i != len(b)-1 {
			return
		}
		var want string
		if err := json.Unmarshal(b[1:len(b)-1], &want); err != nil {
			t.Fatal(err)
		}
		if got := string(AppendResolved(nil, span.Of(b))); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		if got := string(Resolve(b, span).Of(b)); got != want || b[0] != 'x' || string(b[len(b)-2:]) != `"y` {
			t.Fatalf("in place: %q, want %q in %q", got, want, b)
		}
		if Escaped([]byte(text)) != (len(want) < len(text)) {
			t.Fatalf("%q", text)
		}
	})
}
