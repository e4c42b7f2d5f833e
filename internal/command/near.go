package command

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"
)

// Meanings are words that people try, with what they are called here: verbs, and flags with their dashes. Give them to the
// program's own command as Metadata.
func Meanings(words map[string]string) map[string]any { return map[string]any{meanings: words} }

const meanings = "meanings"

// meant is what a word is called here, or empty.
func meant(cmd *cli.Command, word string) string {
	words, _ := cmd.Root().Metadata[meanings].(map[string]string)
	return words[word]
}

// suggestVerb is " (did you mean ...?)", or what there is when nothing is near.
func suggestVerb(cmd *cli.Command, name string) string {
	var names []string
	for _, c := range cmd.VisibleCommands() {
		names = append(names, c.Name)
	}
	if m := meant(cmd, name); m != "" {
		return fmt.Sprintf(" (did you mean %q?)", m)
	}
	if n := nearest(name, names); n != "" {
		return fmt.Sprintf(" (did you mean %q?)", n)
	}
	return "; want " + strings.Join(names, ", ")
}

// suggestFlag is " (did you mean ...?)", or empty when nothing is near.
func suggestFlag(cmd *cli.Command, flag string) string {
	name := strings.TrimLeft(flag, "-")
	if m := meant(cmd, Dashes(name)); m != "" {
		return " (did you mean " + m + "?)"
	}
	var names, ending []string
	for _, f := range cmd.Flags {
		for _, n := range f.Names() {
			if names = append(names, n); strings.HasSuffix(n, "-"+name) {
				ending = append(ending, Dashes(n))
			}
		}
	}
	if len(ending) > 0 && len(ending) <= 2 {
		return " (did you mean " + strings.Join(ending, " or ") + "?)"
	}
	if n := nearest(name, names); n != "" {
		return " (did you mean " + Dashes(n) + "?)"
	}
	return ""
}

// nearest is the candidate that is hardly another word, or begins with this one; empty if there is none.
func nearest(word string, candidates []string) string {
	plain := strings.ReplaceAll(strings.ToLower(word), "-", "")
	best, least := "", max(1, len(plain)/3)+1
	for _, c := range candidates {
		d := distance(plain, strings.ReplaceAll(c, "-", ""))
		if len(plain) > 2 && (strings.HasPrefix(c, plain) || len(c) > 3 && strings.HasPrefix(plain, c)) {
			d = min(d, 1)
		}
		if len(c) > 1 && d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is how many letters to insert, delete, replace or swap.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		rows[0], rows[1], rows[2] = rows[1], rows[2], rows[0]
		before2, before, row := rows[2], rows[0], rows[1]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before2[j-2]+1)
			}
		}
	}
	return rows[1][len(b)]
}
