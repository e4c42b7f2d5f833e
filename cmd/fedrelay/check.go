package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

func checkCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "check",
		Usage:       "read the configuration and say whether it would run",
		Description: checkText,
		Flags:       configFlags(),
		Action:      check,
	}, "fedrelay check --config /etc/fedrelay/fedrelay.yaml\n"+
		"fedrelay check --choria-config /etc/choria/broker.conf")
}

const checkText = `Nothing is connected to. Credentials, certificates and keys are read and judged as a
connect does: whether they parse, belong together and have not ended. All mistakes are listed at
once; the exit code is 2 if there are any. Warnings do not count: rights that a Choria token lacks
or should not have, and what ends within 30 days. fedrelay run starts although a file cannot be
used yet, and reads it again at every connect.`

func check(_ context.Context, cmd *cli.Command) error {
	resolved, err := resolve(cmd)
	var problems config.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	mistakes, warnings := relay.CheckCredentials(resolved.Config, time.Now())
	for _, m := range mistakes {
		problems = problems.With(resolved.Problem(m.Key, m.Text))
	}
	lines := resolved.Warnings
	for _, w := range warnings {
		lines = append(lines, resolved.Problem(w.Key, w.Text).Line())
	}
	printWarnings(cmd.Root().ErrWriter, lines)
	if len(problems) > 0 {
		return problems
	}
	for _, n := range resolved.Notes {
		fmt.Fprintln(cmd.Root().ErrWriter, "fedrelay: note:", n)
	}
	if _, err := relay.NewProcess(resolved.Config, relay.Options{}); err != nil {
		return command.Exit(command.WrongUsage, err)
	}
	_, err = fmt.Fprintln(cmd.Root().Writer, "OK:", resolved.Config.Summary())
	return err
}

// printWarnings prints each line once: one setting of the original broker may stand for both sides.
func printWarnings(w io.Writer, lines []string) {
	said := map[string]bool{}
	for _, line := range lines {
		if !said[line] {
			fmt.Fprintln(w, "fedrelay: warning:", line)
		}
		said[line] = true
	}
}
