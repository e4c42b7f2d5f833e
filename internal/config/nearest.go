package config

import (
	"strings"
	"unicode/utf8"
)

// longestSuggestible bounds the quadratic comparison below.
const longestSuggestible = 128

// nearest returns the candidate that a typing mistake could have made into word, or "".
func nearest(word string, candidates []string) string {
	if len(word) > longestSuggestible {
		return ""
	}
	best, least := "", utf8.RuneCountInString(word)/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d <= least && (best == "" || d < least) {
			best, least = c, d
		}
	}
	return best
}

// didYouMean is the nearest candidate as a hint, else all of them, else nothing.
func didYouMean(word string, candidates []string) string {
	if n := nearest(word, candidates); n != "" {
		return ` (did you mean "` + n + `"?)`
	}
	if len(candidates) == 0 {
		return ""
	}
	return " (allowed: " + strings.Join(candidates, ", ") + ")"
}

// distance counts insertions, deletions, substitutions and swaps of neighbours between a and b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+differ(s[i], t[j]))
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
