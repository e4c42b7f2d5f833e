package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// options are what the flags say. make passes some of them on as variables of the environment.
type options struct {
	rounds   int
	only     *regexp.Regexp
	who      *regexp.Regexp
	all      bool
	work     time.Duration
	peer     string
	relay    string
	output   string // path without .json and .html
	markdown string
	keep     string
	baseline string
	from     string
	command  string // that measures the same again
}

const defaultWork = time.Second

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	only := f.String("scenarios", os.Getenv("BENCH_SCENARIOS"), "only scenarios whose name matches this regular `expression`")
	who := f.String("contestants", "", "only contestants whose name matches this regular `expression`, and the peer")
	f.BoolVar(&o.all, "all", os.Getenv("BENCH_ALL") != "", "all scenarios, and all contestants in each, also what is usually left out to save time")
	f.DurationVar(&o.work, "work", defaultWork, "keep on with each trial for this `long`; more is steadier, and gives time for a profile")
	rounds := f.String("rounds", cmp.Or(os.Getenv("BENCH_ROUNDS"), "3"), "measure everything so many `times`")
	f.StringVar(&o.peer, "peer", os.Getenv("BENCH_PEER"), "another relay's `command`, with {scheme} {fed} {col} {cluster} {http} {ca} {cert} {key} in it")
	f.StringVar(&o.relay, "relay", "bin/fedrelay", "`path` of the relay to measure")
	f.StringVar(&o.output, "out", "", "write `path`.json and path.html")
	f.StringVar(&o.markdown, "markdown", "", "put the table into this Markdown `file`")
	f.StringVar(&o.keep, "keep", "", "write the figures that matter to this `file`, as a later baseline")
	f.StringVar(&o.baseline, "baseline", "", "compare with the `file` of an earlier run")
	f.StringVar(&o.from, "from", "", "measure nothing and report the `file` of an earlier run")
	if err := parseFlags(f, args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("no such part: %s", f.Arg(0))
	}
	if o.rounds, err = strconv.Atoi(*rounds); err != nil || o.rounds < 1 {
		return o, fmt.Errorf("-rounds: %q: want a whole number above 0", *rounds)
	}
	if o.work <= 0 {
		return o, fmt.Errorf("-work: %s: want more than 0s", o.work)
	}
	o.command = typed(f, o)
	if o.only, err = pattern("scenarios", *only); err != nil {
		return o, err
	}
	o.who, err = pattern("contestants", *who)
	return o, err
}

func pattern(name, text string) (*regexp.Regexp, error) {
	r, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("-%s: %q: want a regular expression (%s)", name, text, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return r, nil
}

// typed is the command that measures the same again. A peer's directories are of no use to others.
func typed(f *flag.FlagSet, o options) string {
	words := []string{"bin/benchmarks -rounds " + strconv.Itoa(o.rounds)}
	if o.all {
		words = append(words, "-all")
	}
	for _, name := range []string{"scenarios", "contestants", "work", "peer"} {
		if value := f.Lookup(name).Value.String(); value != "" && value != defaultWork.String() {
			words = append(words, "-"+name+" '"+withoutDirectories(value)+"'")
		}
	}
	return strings.Join(words, " ")
}

var directory = regexp.MustCompile(`(^|[\s'=])/[^\s'=]*/`)

func withoutDirectories(s string) string { return directory.ReplaceAllString(s, "$1") }

// parseFlags answers a mistake in a line, and prints all flags only when asked for help.
func parseFlags(f *flag.FlagSet, args []string) error {
	f.Usage = func() {}
	f.SetOutput(io.Discard)
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		f.SetOutput(os.Stderr)
		f.PrintDefaults()
	}
	return err
}
