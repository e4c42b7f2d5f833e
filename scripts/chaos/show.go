package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/chaos"
	"github.com/fedrelay/fedrelay/internal/load"
	"github.com/fedrelay/fedrelay/internal/progress"
	"github.com/fedrelay/fedrelay/internal/report"
)

// outcome is what came of all faults that were asked for.
type outcome struct {
	results []chaos.Result
	err     error // why there are no more
}

func runAll(ctx context.Context, o chaos.Options, only *regexp.Regexp) (all outcome) {
	shown := progress.New(os.Stderr)
	for _, f := range chaos.Faults() {
		if !only.MatchString(f.Name) {
			continue
		}
		o.Began = func(live func() load.Live) (ended func()) {
			return shown.Follow(func() string { return line(f.Name, live()) })
		}
		result, err := chaos.Run(ctx, o, f)
		if err != nil {
			all.err = err
			return all
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", f.Name, verdict(result))
		all.results = append(all.results, result)
	}
	return all
}

func line(name string, v load.Live) string {
	return fmt.Sprintf("%s: %s  requests %s  replies %s  open %d  faults %d", name, max(0, v.Elapsed).Round(time.Second),
		humanize.Comma(int64(v.Requests)), humanize.Comma(v.Replies), v.Open, v.Faults)
}

func verdict(r chaos.Result) string {
	if len(r.Problems) == 0 {
		return "ok"
	}
	return strings.Join(r.Problems, "; ")
}

// tell prints the table, and writes it where that is wanted.
func tell(cmd *cli.Command, all outcome) error {
	if len(all.results) > 0 {
		fmt.Print(chaos.Table(all.results).Text())
	}
	err := all.err
	for _, r := range all.results {
		if len(r.Problems) > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %s", r.Fault.Name, verdict(r)))
		}
	}
	if file := cmd.String("markdown"); file != "" && err == nil {
		return report.Into(file, "chaos", "make chaos CHAOS_PUBLISH=1", published(all.results))
	}
	return err
}

// published is the table with what a reader must know to compare it with another one.
func published(results []chaos.Result) string {
	return fmt.Sprintf("%s\nMeasured on %s on %d processors, which servers, relays, nodes and client shared.\n\n",
		chaos.Table(results).Markdown(), time.Now().Format("2 January 2006"), runtime.NumCPU())
}
