// Package suggest finds what somebody meant who wrote a name that does not exist: one that differs
// by a slip of the fingers, or one that says the same in other words, as username for user. It
// finds nothing rather than something absurd.
package suggest

import "strings"

// Nearest returns the candidate that word was meant to be, or "". Of several that are as near the
// first one counts.
func Nearest(word string, candidates []string) string {
	if n := byLetters(word, candidates); n != "" {
		return n
	}
	if m := Meaning(word, candidates); m != "" {
		return m
	}
	return byBeginning(word, candidates)
}

// byBeginning returns the only candidate that begins with word, or "". A word of less than three
// letters begins too much.
func byBeginning(word string, candidates []string) (found string) {
	for _, c := range candidates {
		switch {
		case len(word) < 3 || !strings.HasPrefix(c, strings.ToLower(word)):
		case found != "":
			return ""
		default:
			found = c
		}
	}
	return found
}
