package compact

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzUnescape(f *testing.F) {
	f.Add(`{\"message\":\"{\\\"action\\\":\\\"info\\\"}\",\"time\":1}`)
	f.Add(`a\n\t\r\b\f\/b\\`)
	f.Add(`\u0061\u00E4\u20aC`)
	f.Add(`abcdefg\`)
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := unescape([]byte("x"), []byte(s))
		var want string
		err := json.Unmarshal([]byte(`"`+s+`"`), &want)
		if err != nil || strings.ContainsRune(want, '\uFFFD') {
			return // what is no JSON string has no text
		}
		if !ok && !strings.Contains(strings.ToLower(s), `\ud`) {
			t.Fatalf("%q has no text", s)
		}
		if ok && string(got) != "x"+want {
			t.Fatalf("%q is %q, not %q", s, got[1:], want)
		}
	})
}
