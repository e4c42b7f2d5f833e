package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/report"
)

func compareCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:        "compare",
		Usage:       "say what is better and what is worse in the second of two relays",
		ArgsUsage:   "BEFORE AFTER [BEFORE AFTER]...",
		Description: compareText,
		Action:      compareRuns,
	}, 2, "loadgen compare before1.frb after1.frb before2.frb after2.frb before3.frb after3.frb\nloadgen compare incumbent.frb fedrelay.frb")
	c.ArgValidator = func(_ context.Context, cmd *cli.Command) error {
		if n := cmd.Args().Len(); n == 0 || n%2 != 0 {
			return command.UsageError(cmd, "want pairs of files written by 'loadgen run -o': one of the first relay, one of the second, and so on")
		}
		return nil
	}
	return c
}

const compareText = `Two runs of the same relay can differ by a factor of four. So there is a verdict only with three runs of each or more,
measured in turns: one of the first relay, one of the second, and so on. With fewer it cannot tell.`

func compareRuns(_ context.Context, cmd *cli.Command) error {
	var sides [2][]*record.Run
	for i, file := range cmd.Args().Slice() {
		run, err := readRun(file)
		if err != nil {
			return err
		}
		sides[i%2] = append(sides[i%2], run)
	}
	return report.Compare(cmd.Root().Writer, sides[0], sides[1])
}
