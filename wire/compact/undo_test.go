package compact

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func url64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// TestFlatTexts shows what is undone. In what is wanted, marks are spelled as in the package
// comment.
func TestFlatTexts(t *testing.T) {
	v1 := func(message string) string {
		return fmt.Sprintf(`{"protocol":"choria:secure:reply:1","message":"%s","hash":"%s"}`, escaped(message), sumOf(message))
	}
	v2 := func(reply, sender string) string {
		return fmt.Sprintf(`{"reply":"%s","hash":"%s","signature":"c2ln","sender":"%s"}`, b64(reply), sumOf(reply), sender)
	}
	token := url64(`{"alg":"EdDSA"}`) + "." + url64(`{"identity":"web1"}`) + "._-signature"
	for _, c := range []struct{ what, data, want string }{
		{"text", `hello`, `hello`},
		{"base64", b64(`hello`), `<F9>hello<FC>`},
		{"base64 of Ruby", string(appendLines(nil, []byte(b64(strings.Repeat("hello ", 9))))), `<FA>` + strings.Repeat("hello ", 9) + `<FC>`},
		{"base64 with other lines", b64(`hello`)[:4] + `\n` + b64(`hello`)[4:], b64(`hello`)[:4] + `\n` + b64(`hello`)[4:]},
		{"base64 of no text", "//79", "//79"},
		{"base64 without its padding", "aGVsbG8", "aGVsbG8"},
		{"base64 with bits behind its end", "aGVsbG9=", "aGVsbG9="},
		{"a v1 reply", b64(v1(`{"message":"pong"}`)),
			`<F9>{"protocol":"choria:secure:reply:1","message":"{\"message\":\"pong\"}","hash":"<FE>"}<FC>`},
		{"a v1 reply with base64", b64(v1(`{"message":"` + b64(`{"a":1}`) + `"}`)),
			`<F9>{"protocol":"choria:secure:reply:1","message":"{\"message\":\"<F9>{"a":1}<FC>\"}","hash":"<FE>"}<FC>`},
		{"a v1 reply with another hash", b64(strings.Replace(v1("a"), sumOf("a"), sumOf("b"), 1)),
			`<F9>{"protocol":"choria:secure:reply:1","message":"a","hash":"` + sumOf("b") + `"}<FC>`},
		{"a v1 reply with odd escapes", b64(strings.Replace(v1("a<b"), "<", `\u003c`, 1)),
			`<F9>{"protocol":"choria:secure:reply:1","message":"a\u003cb","hash":"<FE>"}<FC>`},
		{"a v2 reply", b64(v2(`{"message":"`+b64(`{"a":1}`)+`"}`, token)),
			`<F9>{"reply":"<F9>{"message":"<F9>{"a":1}<FC>"}<FC>","hash":"<FF>","signature":"c2ln",` +
				`"sender":"<FB>{"alg":"EdDSA"}<FD><FB>{"identity":"web1"}<FD>_-signature"}<FC>`},
		{"a v2 reply with another hash", b64(strings.Replace(v2(`{"a":1}`, ""), sumOf(`{"a":1}`), sumOf("b"), 1)),
			`<F9>{"reply":"<F9>{"a":1}<FC>","hash":"` + sumOf("b") + `","signature":"c2ln","sender":""}<FC>`},
		{"half a token", b64(`{"sender":"` + url64(`{"alg":"EdDSA"}`) + `.x"}`),
			`<F9>{"sender":"` + url64(`{"alg":"EdDSA"}`) + `.x"}<FC>`},
		{"too deep", deep(6), `<F9>{"x":"<F9>{"x":"<F9>{"x":"<F9>{"x":"` + deep(2) + `"}<FC>"}<FC>"}<FC>"}<FC>`},
	} {
		var u undoer
		var x redoer
		data := `"` + c.data + `"`
		flat := u.data(nil, []byte(data))
		want := `"` + c.want + `"`
		for mark := firstMark; mark <= markInner; mark++ {
			want = strings.ReplaceAll(want, fmt.Sprintf("<%02X>", mark), string([]byte{byte(mark)}))
		}
		if string(flat) != want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.what, flat, want)
		}
		if back, ok := x.redo(nil, flat, 1<<20); !ok || string(back) != data {
			t.Errorf("%s: %q comes back as %q", c.what, data, back)
		}
	}
}

// deep is base64 in base64.
func deep(n int) string {
	if n == 0 {
		return "end"
	}
	return b64(`{"x":"` + deep(n-1) + `"}`)
}

func sumOf(s string) string { return string(appendSum(nil, []byte(s))) }

func escaped(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }
