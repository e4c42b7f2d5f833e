package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/relay"
)

func checkCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "check",
		Usage:       "read the configuration and say whether it would run",
		Description: "Nothing is connected to. All mistakes are listed at once; the exit code is 2 if there are any.",
		Flags:       configFlags(),
		Action:      check,
	}, "fedrelay check --config /etc/fedrelay/fedrelay.yaml\nfedrelay check --choria-config /etc/choria/broker.conf")
}

func check(_ context.Context, cmd *cli.Command) error {
	resolved, err := resolve(cmd)
	if err != nil {
		return err
	}
	for _, w := range resolved.Warnings {
		fmt.Fprintln(cmd.Root().ErrWriter, "fedrelay: warning:", w)
	}
	for _, n := range resolved.Notes {
		fmt.Fprintln(cmd.Root().ErrWriter, "fedrelay: note:", n)
	}
	if _, err := relay.New(resolved.Config, relay.Options{}); err != nil {
		return command.Exit(command.WrongUsage, err)
	}
	_, err = fmt.Fprintln(cmd.Root().Writer, "OK:", resolved.Config.Summary())
	return err
}
