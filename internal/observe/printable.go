package observe

import (
	"strings"
	"unicode/utf8"

	"github.com/fedrelay/fedrelay/internal/state"
)

// longest is how many bytes of a text of others are kept.
const longest = 512

// Printable returns a text of others as printable ASCII, clipped. A terminal obeys what is not, and
// what is no ASCII may be wider or narrower than it says.
func Printable(text string) string {
	if len(text) > longest {
		text = text[:longest] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= utf8.RuneSelf-1 {
			return '?'
		}
		return r
	}, text)
}

// purify makes all texts of a document printable: it may come from anybody.
func purify(i *state.Instance) {
	for _, text := range []*string{&i.Identity, &i.Version} {
		*text = Printable(*text)
	}
	for _, list := range [][]string{i.Reasons, i.Warnings} {
		for n := range list {
			list[n] = Printable(list[n])
		}
	}
	for n := range i.Sides {
		s := &i.Sides[n]
		for _, text := range []*string{&s.Name, &s.URL, &s.Server, &s.NATSCluster, &s.LastError, &s.LastDenied} {
			*text = Printable(*text)
		}
	}
	for _, p := range []*state.Path{&i.Request, &i.Reply} {
		p.Rejected, p.Fates = printableKeys(p.Rejected), printableKeys(p.Fates)
	}
}

func printableKeys(m map[string]int64) map[string]int64 {
	for k, n := range m {
		if clean := Printable(k); clean != k {
			delete(m, k)
			m[clean] += n
		}
	}
	return m
}
