package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
)

// groupAction is for a verb that has verbs of its own: it is reached when none of them was
// recognised.
func groupAction(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().First() == "help" {
		return command.ShowHelp(cmd)
	}
	if !cmd.Args().Present() {
		return command.UsageError(cmd, "which one? want "+oneOf(verbs(cmd)))
	}
	return command.UnknownVerb(cmd)
}

// oneOf joins words for a sentence.
func oneOf(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// meanings are what other programs call the verbs and flags that are here.
func meanings() map[string]any {
	return command.Meanings(map[string]string{
		"broker": "run", "configtest": "check",
		"show": "config show", "print": "config show", "dump": "config show",
		"init": "config example", "example": "config example",
		"--server": "--federation or --collective", "--servers": "--federation or --collective",
		"--nats": "--federation or --collective", "--url": "--federation or --collective",
		"-s":        "--federation or --collective",
		"--verbose": "--log-level debug", "--debug": "--log-level debug", "-D": "--log-level debug",
		"-v": "--log-level debug, or --version", "--quiet": "--log-level error",
		"--collective": "--line", "--line": "fedrelay edge --line",
		"--listen": "--http", "--port": "--http", "--metrics": "--http",
		"--name": "--identity", "--dry-run": "--test",
		"--strict": "--compat strict", "--peer": "--compat peer",
	})
}

func verbs(cmd *cli.Command) (names []string) {
	for _, c := range cmd.VisibleCommands() {
		names = append(names, c.Name)
	}
	return names
}

// verb fills in what all verbs have in common.
func verb(c *cli.Command, examples string) *cli.Command {
	c.OnUsageError = command.UsageProblem
	c.HideHelpCommand = true
	c.CustomHelpTemplate = command.WithExamples(cli.CommandHelpTemplate, examples)
	if len(c.Commands) > 0 {
		c.Action = groupAction
		c.CustomHelpTemplate = command.WithExamples(cli.SubcommandHelpTemplate, examples)
	} else {
		c.ArgValidator = command.NoArguments
	}
	return c
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
	c.OnUsageError = command.UsageProblem
	c.CustomHelpTemplate = command.WithExamples(cli.SubcommandHelpTemplate, "source <(fedrelay completion bash)\n"+
		"fedrelay completion fish > ~/.config/fish/completions/fedrelay.fish")
	c.Action = groupAction
	for _, shell := range c.Commands {
		verb(shell, "fedrelay completion "+shell.Name+"\nfedrelay completion --help")
	}
}
