package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/wan"
	"github.com/fedrelay/fedrelay/internal/progress"
	"github.com/fedrelay/fedrelay/internal/record"
)

// The part "wan" measures on long lines what package wan describes, or reports an earlier series.
// "wan-server" is one of its servers.
func init() {
	parts["wan"] = longHaul
	parts["wan-server"] = func(ctx context.Context, args []string) error { return wan.Serve(ctx, os.Stdout, args) }
}

// wanOptions are what the flags of the part say.
type wanOptions struct {
	setup                     wan.Setup
	output, markdown, picture string
	from                      string
	command                   string
}

func parseWAN(args []string) (o wanOptions, err error) {
	f := flag.NewFlagSet("benchmarks wan", flag.ContinueOnError)
	f.IntVar(&o.setup.Rounds, "rounds", 3, "measure everything so many `times`")
	f.IntVar(&o.setup.Nodes, "nodes", 10_000, "how many `nodes` are asked and answer")
	f.StringVar(&o.setup.Relay, "relay", "bin/fedrelay", "`path` of the relay to measure")
	cells := f.String("cells", os.Getenv("BENCH_CELLS"), "only lines whose name, such as 100ms-10M, matches this regular `expression`")
	who := f.String("contestants", "", "only contestants whose name matches this regular `expression`")
	f.BoolVar(&o.setup.Quick, "quick", false, "do each thing once")
	f.StringVar(&o.output, "out", "", "write `path`.json and path.svg")
	f.StringVar(&o.markdown, "markdown", "", "put the tables into this Markdown `file`")
	f.StringVar(&o.picture, "picture", "", "draw into this `file`, an SVG")
	f.StringVar(&o.from, "from", "", "measure nothing and report the `file` of an earlier run")
	if err := parseFlags(f, args); err != nil {
		return o, err
	}
	if f.NArg() > 0 || o.setup.Rounds < 1 || o.setup.Nodes < 1 {
		return o, errWAN
	}
	o.command = "bin/benchmarks wan -rounds " + f.Lookup("rounds").Value.String()
	only, err := pattern("contestants", *who)
	if err != nil {
		return o, err
	}
	line, err := pattern("cells", *cells)
	if err != nil {
		return o, err
	}
	o.setup.Only = only.MatchString
	o.setup.Cells = slices.DeleteFunc(wan.Cells(), func(c wan.Cell) bool { return !line.MatchString(c.Name()) })
	if len(o.setup.Cells) == 0 {
		return o, errNobody
	}
	return o, nil
}

var errWAN = errors.New("wan: want flags only, and whole numbers above 0; -h lists them")

// longHaul measures, or reads an earlier series, and reports.
func longHaul(ctx context.Context, args []string) error {
	o, err := parseWAN(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.from != "" {
		series, err := record.ReadSeries(o.from)
		if err != nil {
			return err
		}
		return o.show(series)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.setup.Server = []string{self, "wan-server"}
	began := time.Now()
	series := &record.Series{
		Started: began.UTC().Truncate(time.Second), Command: o.command, Rounds: o.setup.Rounds,
		Machine: machine(), Versions: versions(ctx, o.setup.Relay),
	}
	line := progress.New(os.Stderr)
	series.Scenarios, err = wan.Run(ctx, o.setup, line.Show)
	line.Clear()
	series.Elapsed = time.Since(began).Round(time.Second).String()
	if err != nil {
		o.markdown, o.picture = "", "" // half a series is not published
	}
	return errors.Join(o.show(series), err)
}

// show writes the files that were asked for, and prints the tables.
func (o wanOptions) show(series *record.Series) (err error) {
	if o.output != "" {
		err = errors.Join(record.WriteSeries(o.output+".json", series), wan.Draw(o.output+".svg", series))
	}
	if o.picture != "" {
		err = errors.Join(err, wan.Draw(o.picture, series))
	}
	if o.markdown != "" {
		err = errors.Join(err, wan.Markdown(o.markdown, series))
	}
	return errors.Join(err, wan.Text(os.Stdout, series))
}
