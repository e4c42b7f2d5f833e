package compact

import (
	"bytes"
	"testing"
)

func FuzzBase64(f *testing.F) {
	f.Add([]byte("hello, world, hello"), []byte("aGVsbG8sIHdvcmxkLA=="))
	f.Add([]byte{}, []byte("aGVsbG8sIHdvcmxk\nLAo="))
	f.Add([]byte{0xFF, 0xFE}, []byte("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9"))
	f.Fuzz(func(t *testing.T, b, text []byte) {
		for _, a := range []*alphabet{padded, tokens} {
			want := a.enc.AppendEncode([]byte("x"), b)
			got := a.encode([]byte("x"), b)
			if !bytes.Equal(got, want) {
				t.Fatalf("%q encodes to %q, not %q", b, got, want)
			}
			if back, ok := a.decode([]byte("x"), got[1:]); !ok || !bytes.Equal(back[1:], b) {
				t.Fatalf("%q comes back as %q", b, back)
			}
			out, ok := a.decode(nil, text)
			decoded, err := a.enc.DecodeString(string(text))
			if wantOK := err == nil && bytes.Equal(a.enc.AppendEncode(nil, decoded), text); ok != wantOK || ok && !bytes.Equal(out, decoded) {
				t.Fatalf("%q decodes to %q, %t", text, out, ok)
			}
		}
	})
}
