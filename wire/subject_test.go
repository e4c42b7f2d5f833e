package wire

import (
	"strings"
	"testing"
)

func TestCheckSubject(t *testing.T) {
	for _, c := range []struct {
		subject string
		want    Reason
	}{
		{"a", OK},
		{"a.b", OK},
		{"mcollective.node.web1.ldn.example.net", OK},
		{"mcollective.node.web_1-x.example.net", OK},
		{"a*.b*c.>d.e>", OK}, // literal: only a whole token is a wildcard
		{"!#$%&'()+,-/0:;<=?@A[]^_`{|}~", OK},

		{"", EmptyToken},
		{".", EmptyToken},
		{"..", EmptyToken},
		{".a", EmptyToken},
		{"a.", EmptyToken},
		{"a..b", EmptyToken},
		{"mcollective..node", EmptyToken},
		{"mcollective.node.", EmptyToken},
		{".mcollective.node", EmptyToken},

		{"*", Wildcard},
		{">", Wildcard},
		{"a.*", Wildcard},
		{"a.>", Wildcard},
		{"*.b", Wildcard},
		{">.b", Wildcard},
		{"a.*.b", Wildcard},
		{"mcollective.node.*", Wildcard},
		{"mcollective.node.>", Wildcard},
		{"mcollective.*.web1.example.net", Wildcard},

		{" ", BadSubject},
		{"a b", BadSubject},
		{"a.b ", BadSubject},
		{" a.b", BadSubject},
		{"a\tb", BadSubject},
		{"a\rb", BadSubject},
		{"a\nb", BadSubject},
		{"x\r\nPUB y 0\r\n", BadSubject},
		{"mcollective.node.web1\r\nPUB y 0\r\n\r\n", BadSubject},
		{"a\x00b", BadSubject},
		{"a\x0bb", BadSubject},
		{"a\x1bb", BadSubject},
		{"a\x7fb", BadSubject},
		{"a\u00a0b", BadSubject},
		{"a\u202eb", BadSubject},
		{"a\u200bb", BadSubject},
		{"\ufeffa", BadSubject},
		{"ä", BadSubject},
		{"a\xffb", BadSubject},
		{"a\x80", BadSubject},
		{`a"b`, BadSubject},
		{`a\b`, BadSubject},
		{`\u0061.b`, BadSubject},

		// The worst reason counts, not the first.
		{"a..b\n", BadSubject},
		{"*.b\n", BadSubject},
		{"a..*", EmptyToken},
		{"*..a", Wildcard},
	} {
		if got := CheckSubject([]byte(c.subject), 255); got != c.want {
			t.Errorf("%q: %q, want %q", c.subject, got, c.want)
		}
	}
}

func TestCheckSubjectCountsBytes(t *testing.T) {
	for _, c := range []struct {
		length, limit int
		want          Reason
	}{
		{255, 255, OK},
		{256, 255, SubjectTooLong},
		{1024, MaxSubject, OK},
		{1025, MaxSubject, SubjectTooLong},
		{5000, 255, SubjectTooLong},
		{1, 0, SubjectTooLong},
		{0, 0, EmptyToken},
	} {
		if got := CheckSubject([]byte(strings.Repeat("a", c.length)), c.limit); got != c.want {
			t.Errorf("%d bytes, %d allowed: %q, want %q", c.length, c.limit, got, c.want)
		}
	}
	if got := CheckSubject([]byte(strings.Repeat("\n", 300)), 255); got != SubjectTooLong {
		t.Errorf("long and bad: %q", got)
	}
}

// Sixteen bytes are judged at once. Every byte must count at every place, in subjects of every
// length.
func TestCheckSubjectSeesEveryByteAtEveryPlace(t *testing.T) {
	for length := 1; length <= 52; length++ {
		subject := []byte(strings.Repeat("a", length))
		for at := range subject {
			for c := range 256 {
				subject[at] = byte(c)
				if got, want := CheckSubject(subject, 255), obviousSubject(string(subject), 255, false); got != want {
					t.Fatalf("%q: %q, want %q", subject, got, want)
				}
			}
			subject[at] = 'a'
		}
	}
}

func TestCheckSubjectSeesEveryPairOfDots(t *testing.T) {
	for length := 2; length <= 52; length++ {
		for i := range length {
			for j := range length {
				for _, c := range []byte(".*>a") {
					subject := []byte(strings.Repeat("a", length))
					subject[i], subject[j] = '.', '.'
					subject[(i+j)/2] = c
					if got, want := CheckSubject(subject, 255), obviousSubject(string(subject), 255, false); got != want {
						t.Fatalf("%q: %q, want %q", subject, got, want)
					}
				}
			}
		}
	}
}

// Two dots in a row are found by their bits. No other two bytes may be taken for them.
func TestCheckSubjectSeesEveryPairOfBytes(t *testing.T) {
	for _, at := range []int{7, 15, 20, 38} {
		subject := []byte(strings.Repeat("a", 40))
		for pair := range 1 << 16 {
			subject[at], subject[at+1] = byte(pair>>8), byte(pair)
			if got, want := CheckSubject(subject, 255), obviousSubject(string(subject), 255, false); got != want {
				t.Fatalf("%q: %q, want %q", subject, got, want)
			}
		}
	}
}

func TestIsPlainAgreesWithSubjects(t *testing.T) {
	if !IsPlain(nil) {
		t.Error("the empty text is not plain")
	}
	for c := range 256 {
		text := []byte{'a', byte(c), 'b'}
		if got, want := IsPlain(text), obviousSubject(string(text), 255, false) != BadSubject; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
