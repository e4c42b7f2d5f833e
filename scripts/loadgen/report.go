package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/report"
)

func reportCommand() *cli.Command {
	return verb(&cli.Command{
		Name:      "report",
		Usage:     "show a run that was written to a file",
		ArgsUsage: "RUN",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "as JSON (default: text)", HideDefault: true},
			&cli.StringFlag{Name: "html", Usage: "write a page to `FILE`, which needs nothing else; - for stdout"},
		},
		Action: showRun,
	}, 1, "loadgen report run.frb\nloadgen report --html run.html run.frb")
}

func showRun(_ context.Context, cmd *cli.Command) error {
	run, err := readRun(cmd.Args().First())
	if err != nil {
		return err
	}
	stdout := cmd.Root().Writer
	switch file := cmd.String("html"); {
	case file == "-":
		return report.HTML(stdout, run)
	case file != "":
		return writePage(file, run)
	case cmd.Bool("json"):
		return report.JSON(stdout, run)
	}
	return report.Text(stdout, run)
}

func writePage(file string, run *record.Run) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriter(f)
	if err := report.HTML(buffered, run); err != nil {
		return err
	}
	return buffered.Flush()
}

func readRun(file string) (*record.Run, error) {
	run, err := record.ReadFile(file)
	var missing *fs.PathError
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("%s: %w", file, missing.Err)
	}
	return run, err
}
