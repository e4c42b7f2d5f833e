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

// dashes spells a long flag as it is documented, whatever the library made of it.
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
	return usageError(cmd, unknownVerb(cmd, cmd.Args().First()))
}

// groupAction is the same for a verb that has verbs of its own.
func groupAction(_ context.Context, cmd *cli.Command) error {
	if !cmd.Args().Present() {
		return usageError(cmd, "which one? want "+strings.Join(verbs(cmd), " or "))
	}
	return usageError(cmd, unknownVerb(cmd, cmd.Args().First()))
}

func unknownVerb(cmd *cli.Command, name string) string {
	return fmt.Sprintf("unknown command %q (did you mean %q?)", name, cli.SuggestCommand(cmd.VisibleCommands(), name))
}

func verbs(cmd *cli.Command) (names []string) {
	for _, c := range cmd.VisibleCommands() {
		names = append(names, c.Name)
	}
	return names
}

// noArguments is for verbs that take flags only: a forgotten -- must not go unnoticed.
func noArguments(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().Present() {
		return usageError(cmd, fmt.Sprintf("unexpected argument %q", cmd.Args().First()))
	}
	return nil
}

// verb fills in what all verbs have in common.
func verb(c *cli.Command, examples string) *cli.Command {
	c.OnUsageError = usageProblem
	c.HideHelpCommand = true
	c.CustomHelpTemplate = withExamples(cli.CommandHelpTemplate, examples)
	if len(c.Commands) > 0 {
		c.Action = groupAction
		c.CustomHelpTemplate = withExamples(cli.SubcommandHelpTemplate, examples)
	} else {
		c.ArgValidator = noArguments
	}
	return c
}

// withExamples ends a help text with commands to copy.
func withExamples(template, examples string) string {
	return template + "\nEXAMPLES:\n   " + strings.ReplaceAll(examples, "\n", "\n   ") + "\n"
}

// showGroupHelp replaces the library's function, which ignores the command's own template.
func showGroupHelp(c *cli.Command) error {
	cli.HelpPrinter(c.Root().Writer, c.CustomHelpTemplate, c)
	return nil
}

func showCompletion(c *cli.Command) {
	c.Hidden = false
	c.HideHelpCommand = true
	c.Description = "" // the examples say it
	c.OnUsageError = usageProblem
	c.CustomHelpTemplate = withExamples(cli.SubcommandHelpTemplate, "source <(fedrelay completion bash)\n"+
		"fedrelay completion fish > ~/.config/fish/completions/fedrelay.fish")
	c.Action = groupAction
	for _, shell := range c.Commands {
		verb(shell, "fedrelay completion "+shell.Name+"\nfedrelay completion --help")
	}
}
