package state

import (
	"regexp"
	"strings"
	"unicode"
)

var userInfo = regexp.MustCompile(`//[^/\s]*@`)

// Redact makes foreign text, such as a server's error or a URL, fit to show. The result is one line
// without control characters, and without user info in URLs, even if the author of the text forgot
// to remove it.
func Redact(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return userInfo.ReplaceAllString(text, "//")
}

// Redacted returns the instance with all foreign texts fit to show. It changes the slices of i.
func (i Instance) Redacted() Instance {
	for _, texts := range [][]string{i.Reasons, i.Warnings} {
		for k := range texts {
			texts[k] = Redact(texts[k])
		}
	}
	for k := range i.Sides {
		s := &i.Sides[k]
		for _, text := range []*string{&s.URL, &s.Server, &s.NATSCluster, &s.LastError, &s.LastDenied} {
			*text = Redact(*text)
		}
	}
	return i
}
