package command

import (
	"slices"
	"testing"

	"github.com/urfave/cli/v3"
)

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
		{[]string{"p", "rnu", "--x", "y"}, []string{"p", "rnu"}},
		{[]string{"p", "config", "sohw", "-c", "y"}, []string{"p", "config", "sohw"}},
		{[]string{"p", "rn", "--generate-shell-completion"}, []string{"p", "rn", "--generate-shell-completion"}},
		{[]string{"p", "run", "file", "--x"}, []string{"p", "run", "file", "--x"}},
		{[]string{"p", "--x", "rnu"}, []string{"p", "--x", "rnu"}},
		{[]string{"p"}, []string{"p"}},
	} {
		if got := HelpFirst(root, c.given); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v", c.given, got)
		}
	}
}
