package main

import (
	"context"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/report"
)

func reportCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "report",
		Usage: "show a run that was written to a file",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "as JSON", HideDefault: true},
			&cli.BoolFlag{Name: "schema", Usage: "print the schema of the JSON instead", HideDefault: true},
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			run, err := record.ReadFile(cmd.Args().First())
			if err != nil {
				return err
			}
			return show(cmd.Root().Writer, run, cmd.Bool("json"))
		},
	}, 1, "loadgen report run.frb\nloadgen report --html run.html run.frb")
}

func show(w io.Writer, run *record.Run, asJSON bool) error {
	if asJSON {
		return report.JSON(w, run)
	}
	return report.Text(w, run)
}

func compareCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "compare",
		Usage: "say what is better and worse in the second of two runs",
		Action: func(_ context.Context, cmd *cli.Command) error {
			a, err := record.ReadFile(cmd.Args().Get(0))
			if err != nil {
				return err
			}
			b, err := record.ReadFile(cmd.Args().Get(1))
			if err != nil {
				return err
			}
			return report.Compare(cmd.Root().Writer, a, b)
		},
	}, 2, "loadgen compare before.frb after.frb\nloadgen compare incumbent.frb fedrelay.frb")
}
