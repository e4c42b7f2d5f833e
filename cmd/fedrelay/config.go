package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/config"
)

func configCommand() *cli.Command {
	return verb(&cli.Command{
		Name:     "config",
		Usage:    "print an example configuration, or the one in effect",
		Commands: []*cli.Command{configExampleCommand(), configShowCommand()},
	}, "fedrelay config example > fedrelay.yaml\nfedrelay config show --config fedrelay.yaml")
}

func configExampleCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "example",
		Usage: "print a configuration to start from",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "full", Usage: "with every setting and what it means", HideDefault: true},
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, err := fmt.Fprint(cmd.Root().Writer, config.Example(cmd.Bool("full")))
			return err
		},
	}, "fedrelay config example > fedrelay.yaml\nfedrelay config example --full | less")
}

func configShowCommand() *cli.Command {
	effective := &cli.BoolFlag{
		Name: "effective", Usage: "with defaults, variables and flags; the only form there is", HideDefault: true,
	}
	return verb(&cli.Command{
		Name:   "show",
		Usage:  "print the configuration in effect, each value with its source",
		Flags:  append([]cli.Flag{effective}, configFlags()...),
		Action: showConfig,
	}, "fedrelay config show --effective --config fedrelay.yaml\n"+
		"FEDRELAY_LIMITS_TARGETS=1000 fedrelay config show -c fedrelay.yaml | grep targets")
}

func showConfig(_ context.Context, cmd *cli.Command) error {
	resolved, err := resolveWith(cmd, true)
	if err != nil {
		return err
	}
	text, err := resolved.Effective()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(cmd.Root().Writer, text)
	return err
}
