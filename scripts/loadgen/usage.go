package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
)

// verb fills in what all verbs have in common. files is how many arguments it takes.
func verb(c *cli.Command, files int, examples string) *cli.Command {
	c.OnUsageError = command.UsageProblem
	c.HideHelpCommand = true
	c.CustomHelpTemplate = command.WithExamples(cli.CommandHelpTemplate, examples)
	c.ArgValidator = func(_ context.Context, cmd *cli.Command) error {
		switch n := cmd.Args().Len(); {
		case n > files:
			return command.UsageError(cmd, fmt.Sprintf("unexpected argument %s", command.Quoted(cmd.Args().Get(files))))
		case n < files:
			return command.UsageError(cmd, fmt.Sprintf("want %d files written by 'loadgen run -o', not %d", files, n))
		}
		return nil
	}
	return c
}
