package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/lab"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/report"
)

func outputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print the report as JSON", HideDefault: true},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the run to `FILE`, for report and compare"},
		&cli.StringSliceFlag{Name: "threshold", Usage: "`CONDITION` like 'lost==0' or 'p99<200ms'; exit 99 when broken; repeatable"},
		&cli.BoolFlag{Name: "np", Usage: "say nothing about progress", HideDefault: true},
	}
}

// output says where results go, and which thresholds they must meet.
type output struct {
	json       bool
	file       string
	thresholds []report.Threshold
}

// newOutput reads the flags, so that a mistake is found before the run.
func newOutput(cmd *cli.Command) (output, error) {
	o := output{json: cmd.Bool("json"), file: cmd.String("output")}
	for _, text := range cmd.StringSlice("threshold") {
		t, err := report.ParseThreshold(text)
		if err != nil {
			return o, command.UsageError(cmd, err.Error())
		}
		o.thresholds = append(o.thresholds, t)
	}
	return o, nil
}

// write reports a run. Its error decides about the exit code.
func (o output) write(cmd *cli.Command, result *lab.Result) error {
	describe(cmd, result)
	if o.file != "" {
		if err := record.WriteFile(o.file, result.Run); err != nil {
			return err
		}
	}
	stdout, stderr := cmd.Root().Writer, cmd.Root().ErrWriter
	if err := o.print(stdout, result.Run); err != nil {
		return err
	}
	s := report.Summarize(result.Run)
	verdicts := stdout
	if o.json {
		verdicts = stderr
	}
	if err := report.Verdicts(verdicts, s, o.thresholds); err != nil {
		return err
	}
	for _, p := range append(result.Problems, s.Differences...) {
		fmt.Fprintf(stderr, "loadgen: %s\n", p)
	}
	return o.ending(result, s)
}

func (o output) print(w io.Writer, run *record.Run) error {
	if o.json {
		return report.JSON(w, run)
	}
	return report.Text(w, run)
}

func (o output) ending(result *lab.Result, s report.Summary) error {
	switch {
	case result.Interrupted:
		return command.Exit(command.Interrupted, errors.New("interrupted: this is what there was"))
	case len(result.Problems)+len(s.Differences) > 0:
		return command.Exit(command.Failed, nil)
	case len(report.Check(s, o.thresholds)) > 0:
		return command.Exit(exitThreshold, fmt.Errorf("%d of %d thresholds are broken", len(report.Check(s, o.thresholds)), len(o.thresholds)))
	}
	return nil
}
