package command

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// Meanings are words that people try, with what they are called here: verbs, and flags with their
// dashes. Give them to the program's own command as Metadata.
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
	if n := suggest.Nearest(name, names); n != "" {
		return fmt.Sprintf(" (did you mean %q?)", n)
	}
	return fmt.Sprintf(" (want %s)", strings.Join(names, ", "))
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
	if n := suggest.Nearest(name, names); n != "" {
		return " (did you mean " + Dashes(n) + "?)"
	}
	return ""
}

// suggestFile is " (did you mean --config FILE?)" where the first argument looks like a file: check
// takes one without a flag, so people expect that of other verbs.
func suggestFile(cmd *cli.Command) string {
	file, flag := cmd.Args().First(), "config"
	switch filepath.Ext(file) {
	case ".conf":
		flag = "choria-config"
	case ".yaml", ".yml", ".json":
	default:
		return ""
	}
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), flag) {
			return " (did you mean --" + flag + " " + file + "?)"
		}
	}
	return ""
}
