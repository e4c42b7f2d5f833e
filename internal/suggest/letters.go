package suggest

import (
	"strings"
	"unicode/utf8"
)

// longest bounds the quadratic comparison below.
const longest = 128

// byLetters returns the candidate that a typing mistake could have made into word, or "": at most a
// third of the letters may differ, not counting the sections that both begin with.
func byLetters(word string, candidates []string) string {
	if len(word) > longest {
		return ""
	}
	best, least := "", longest
	for _, c := range candidates {
		a, b := withoutSections(strings.ToLower(word), strings.ToLower(c))
		most := max(1, utf8.RuneCountInString(a)/3)
		if d := boundedDistance(most, a, b); d <= most && d < len(b) && d < least {
			best, least = c, d
		}
	}
	return best
}

// withoutSections cuts off the words and separators that a and b both begin with.
func withoutSections(a, b string) (string, string) {
	for {
		i := strings.IndexAny(a, "._-") + 1
		if i == 0 || len(a) == i || !strings.HasPrefix(b, a[:i]) {
			return a, b
		}
		a, b = a[i:], b[i:]
	}
}

// boundedDistance is distance, which is not worked out where the lengths alone differ by more than
// most.
func boundedDistance(most int, a, b string) int {
	if d := utf8.RuneCountInString(a) - utf8.RuneCountInString(b); d > most || -d > most {
		return most + 1
	}
	return distance(a, b)
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
