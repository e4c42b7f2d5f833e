package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"
)

// usageProblem says in one line what is wrong with the command line and where help is, instead of printing all of it.
func usageProblem(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
		text = "unknown flag " + dashes(name) + suggestFlag(cmd, name)
	}
	if value, rest, ok := strings.Cut(text, " for flag "); ok {
		name, why, _ := strings.Cut(rest, ": ")
		text = fmt.Sprintf("%s: %s: %s", dashes(name), strings.TrimPrefix(value, "invalid value "), why)
	}
	return usageError(cmd, text)
}

func usageError(cmd *cli.Command, text string) error {
	return exit(exitUsage, fmt.Errorf("%s\n  help: %s --help", text, cmd.FullName()))
}

// dashes spells a flag as it is documented, whatever the library made of it.
func dashes(flag string) string {
	name := strings.TrimLeft(flag, "-")
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func suggestFlag(cmd *cli.Command, flag string) string {
	if s := cli.SuggestFlag(cmd.Flags, strings.TrimLeft(flag, "-"), false); s != "" {
		return fmt.Sprintf(" (did you mean %s?)", s)
	}
	return ""
}

// rootAction is reached when no verb was recognised.
func rootAction(_ context.Context, cmd *cli.Command) error {
	if !cmd.Args().Present() {
		return cli.ShowRootCommandHelp(cmd)
	}
	name := cmd.Args().First()
	return usageError(cmd, fmt.Sprintf("unknown command %q (did you mean %q?)", name, cli.SuggestCommand(cmd.VisibleCommands(), name)))
}

// verb fills in what all verbs have in common. files is how many arguments it takes.
func verb(c *cli.Command, files int, examples string) *cli.Command {
	c.OnUsageError = usageProblem
	c.HideHelpCommand = true
	c.CustomHelpTemplate = withExamples(cli.CommandHelpTemplate, examples)
	c.ArgValidator = func(_ context.Context, cmd *cli.Command) error {
		switch n := cmd.Args().Len(); {
		case n > files:
			return usageError(cmd, fmt.Sprintf("unexpected argument %q", cmd.Args().Get(files)))
		case n < files:
			return usageError(cmd, fmt.Sprintf("want %d files written by 'loadgen run -o', not %d", files, n))
		}
		return nil
	}
	return c
}

// withExamples ends a help text with commands to copy.
func withExamples(template, examples string) string {
	return template + "\nEXAMPLES:\n   " + strings.ReplaceAll(examples, "\n", "\n   ") + "\n"
}
