package telemetry

import (
	"regexp"
	"strings"
	"unicode"
)

var userInfo = regexp.MustCompile(`//[^/\s]*@`)

// redact makes text from elsewhere (a server's error, a URL) fit to show: one line, no control characters, and no user
// info in URLs even if whoever made the text forgot to remove it.
func redact(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return userInfo.ReplaceAllString(text, "//")
}
