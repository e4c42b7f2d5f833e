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

// purify makes all texts of a document printable, and drops unsound histograms: it may
// come from anybody.
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
		s.Expiry = printableKeys(s.Expiry)
	}
	for _, p := range []*state.Path{&i.Request, &i.Reply} {
		p.Rejected, p.Fates, p.Skipped = printableKeys(p.Rejected), printableKeys(p.Fates), printableKeys(p.Skipped)
		if !p.Latency.Sound() {
			p.Latency = state.Histogram{}
		}
	}
}

func printableKeys[V any](m map[string]V) map[string]V {
	for k, v := range m {
		if clean := Printable(k); clean != k {
			delete(m, k)
			m[clean] = v
		}
	}
	return m
}
