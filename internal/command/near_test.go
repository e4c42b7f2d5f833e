package command

import (
	"slices"
	"testing"

	"github.com/urfave/cli/v3"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"run", "run", 0}, {"rnu", "run", 1}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"check", "chekc", 1}, {"abcd", "badc", 2}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestOnlyWhatIsNearIsSuggested(t *testing.T) {
	verbs := []string{"run", "demo", "check", "config", "version", "completion"}
	for word, want := range map[string]string{
		"rnu": "run", "chek": "check", "conf": "config", "configuration": "config", "ver": "version", "RUN": "run",
		"start": "", "xyzzy": "", "h": "", "test": "",
	} {
		if got := nearest(word, verbs); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestHelpBeforeTheVerb(t *testing.T) {
	root := &cli.Command{Commands: []*cli.Command{{Name: "run"}, {Name: "config", Commands: []*cli.Command{{Name: "show"}}}}}
	for _, c := range []struct{ given, want []string }{
		{[]string{"p", "help"}, []string{"p", "--help"}},
		{[]string{"p", "help", "run"}, []string{"p", "run", "--help"}},
		{[]string{"p", "help", "config", "show"}, []string{"p", "config", "show", "--help"}},
		{[]string{"p", "help", "rnu"}, []string{"p", "rnu"}},
		{[]string{"p", "run", "file", "--help"}, []string{"p", "run", "file", "--help"}},
		{[]string{"p", "config", "sohw", "-h"}, []string{"p", "config", "sohw"}},
		{[]string{"p", "--x", "y", "--help"}, []string{"p", "--x", "y", "--help"}},
		{[]string{"p", "rnu", "--help"}, []string{"p", "rnu"}},
		{[]string{"p", "run", "--help"}, []string{"p", "run", "--help"}},
		{[]string{"p", "run", "help"}, []string{"p", "run", "help"}},
		{[]string{"p"}, []string{"p"}},
	} {
		if got := HelpFirst(root, c.given); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v", c.given, got)
		}
	}
}
