package compact

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fedrelay/fedrelay/wire"
)

// FuzzParts writes replies of parts that need not be JSON, with data in every spelling that is
// undone.
func FuzzParts(f *testing.F) {
	f.Add(`{"a":"b","c":12,"d":[]}`, `{"a":"","c":0012,"d":["x"]}`, "web1", "web2")
	f.Add(`{"protocol":"choria:secure:reply:1","message":"{\"a\":1}","hash":"AVq9f1zFei3ZS3WQ8Egse/wH8VqJGrAG7JIzj0y2Fbs="}`, `{"`, "", "a")
	f.Add(`{"x":"eyJhIjoiYiJ9.eyJhIjoiYiJ9.x"}`, `{"x":"eyJhIjoiYiJ9.eyJhIjoiYyJ9.y"}`, "0f3a9c0d1b2e", "ffffffffffffffffffffffffffffffffff1")
	var e Encoder
	var d Decoder
	f.Fuzz(func(t *testing.T, a, b, name, other string) {
		var ps []wire.Parts
		var want []byte
		for _, s := range []string{a, b, a, b + a, name + a + other} {
			for _, data := range spellings(s) {
				for _, sender := range []string{name, other} {
					p := wire.Parts{Version: wire.V1, Data: []byte(data), Sender: []byte(sender), FedRequest: []byte(name[:len(name)/2])}
					if !utf8.Valid(p.Data) || !utf8.ValidString(sender) || !utf8.Valid(p.FedRequest) {
						return
					}
					ps, want = append(ps, p), wire.AppendMessage(want, &p)
				}
			}
		}
		mustOpen(t, &d, e.AppendReplies(nil, nil, ps), want, len(ps))
	})
}

// spellings are what data there can be of a text.
func spellings(s string) []string {
	padded := base64.StdEncoding.EncodeToString([]byte(s))
	lines := string(appendLines(nil, []byte(padded)))
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"` + s))
	nested := base64.StdEncoding.EncodeToString([]byte(`{"reply":"` + padded + `","hash":"` + string(appendSum(nil, []byte(s))) + `"}`))
	nestedToken := base64.StdEncoding.EncodeToString([]byte(`{"` + s + `":"` + token + "." + token + "." + s + `"}`))
	return []string{`"` + s + `"`, `"` + padded + `"`, `"` + lines + `"`, `"` + nested + `"`, `"` + nestedToken + `"`, padded}
}

// FuzzList writes lines as a list.
func FuzzList(f *testing.F) {
	f.Add("web1.ldn\nweb2.ldn\nweb003.ldn\nweb4.ldn")
	f.Add("0123456789abcdef0123456789abcdef01\nfedcba9876543210fedcba9876543210fe")
	f.Add("R1cCk6bsGlaXZH1/A/GYK/5U\nR1cCk6bsGlaXZH1/A/GYK+5U")
	f.Add("R1cCk6bsGlaXZH1/A/GYK+==\nR1cCk6bsGlaXZH1/A/GYK/4=")
	f.Add("18446744073709551615\n99999999999999999999\n00000000000000000000000001\n0")
	f.Add("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n\nalpha\nalphabet\nbet")
	var l lister
	var w writer
	var in listReader
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		list := texts{text: []byte(s)}
		at := 0
		for _, line := range lines {
			list.places = append(list.places, wire.Span{Off: uint32(at), Len: uint32(len(line))})
			at += len(line) + 1
		}
		w.reset()
		l.append(&w, list)
		r := reader{text: w.text, raw: w.raw}
		in.open(&r, len(lines), 0)
		for i, line := range lines {
			if got := in.read(&r, nil); string(got) != line || r.bad {
				t.Fatalf("%d: %q, not %q; mode %d, %t", i, got, line, in.mode, r.bad)
			}
		}
		if len(r.text)+len(r.raw) > 0 {
			t.Fatalf("%d bytes are left", len(r.text)+len(r.raw))
		}
	})
}
