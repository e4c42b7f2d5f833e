package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/report"
)

func compareCommand() *cli.Command {
	return verb(&cli.Command{
		Name:      "compare",
		Usage:     "say what is better and what is worse in the second of two runs",
		ArgsUsage: "BEFORE AFTER",
		Action:    compareRuns,
	}, 2, "loadgen compare before.frb after.frb\nloadgen compare incumbent.frb fedrelay.frb")
}

func compareRuns(_ context.Context, cmd *cli.Command) error {
	before, err := readRun(cmd.Args().Get(0))
	if err != nil {
		return err
	}
	after, err := readRun(cmd.Args().Get(1))
	if err != nil {
		return err
	}
	return report.Compare(cmd.Root().Writer, before, after)
}
