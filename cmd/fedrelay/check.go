package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/preflight"
	"github.com/fedrelay/fedrelay/internal/relay"
)

func checkCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:        "check",
		Usage:       "read the configuration and say whether it would run",
		ArgsUsage:   "[FILE]",
		Description: checkText,
		Flags:       append(checkFlags(), configFlags()...),
		Action:      check,
	}, "fedrelay check /etc/fedrelay/fedrelay.yaml\n"+
		"fedrelay check --connect --wait 30s -c fedrelay.yaml\n"+
		"fedrelay check --connect --format nagios -c fedrelay.yaml\n"+
		"fedrelay check /etc/choria/broker.conf")
	c.ArgValidator = oneFile
	return c
}

const checkText = `FILE stands for --config; - is standard input, *.conf is one of go-choria's. Files of credentials
and certificates are read as a connect does. Exit code 2: mistakes, all listed. Warnings are no
mistakes. With --connect both sides are connected to. Nothing is taken from relays that work or
delivered to nodes. Exit code 0: it would work, 1: a check failed, 3: a side is not reached.`

func checkFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "connect", Usage: "connect to both sides, and look at rights and networks", HideDefault: true},
		&cli.DurationFlag{Name: "wait", Usage: "with --connect: for how long to try until nothing fails (`TIME`)", HideDefault: true},
		&cli.StringFlag{Name: "format", Usage: "`FORM` text, json, nagios (its exit codes, too) or prometheus", Value: "text", HideDefault: true},
		&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "as --format json", HideDefault: true},
	}
}

// oneFile is for a verb that takes a file.
func oneFile(ctx context.Context, cmd *cli.Command) error {
	switch {
	case cmd.Args().Len() > 1:
		return command.UsageError(cmd, fmt.Sprintf("unexpected argument %s: one FILE is enough", command.Quoted(cmd.Args().Get(1))))
	case cmd.Args().First() == "help":
		return command.NoArguments(ctx, cmd)
	}
	return nil
}

// A checking is one run of check.
type checking struct {
	cmd      *cli.Command
	format   string
	connect  bool
	resolved config.Resolved
	mistakes config.Problems
	warnings []string
}

func check(ctx context.Context, cmd *cli.Command) error {
	c := checking{cmd: cmd, connect: cmd.Bool("connect"), format: cmd.String("format")}
	if cmd.Bool("json") {
		c.format = "json"
	}
	switch {
	case c.format == "": // run --test
		c.format = "text"
	case !slices.Contains(preflight.Formats(), c.format):
		return command.UsageError(cmd, fmt.Sprintf("--format: %q: want %s", c.format, strings.Join(preflight.Formats(), ", ")))
	case cmd.Duration("wait") != 0 && !c.connect:
		return command.UsageError(cmd, "--wait does nothing without --connect")
	}
	if err := c.read(); err != nil {
		return err
	}
	if c.format == "text" && !c.connect {
		return c.sayFiles()
	}
	return c.sayReport(ctx)
}

// read reads everything that a relay would run with, without connecting.
func (c *checking) read() (err error) {
	c.resolved, err = resolve(c.cmd)
	if err != nil && !errors.As(err, &c.mistakes) {
		return err
	}
	mistakes, warnings := relay.CheckCredentials(c.resolved.Config, time.Now())
	for _, m := range mistakes {
		c.mistakes = c.mistakes.With(c.resolved.Problem(m.Key, m.Text))
	}
	c.warnings = c.resolved.Warnings
	for _, w := range warnings {
		c.warnings = append(c.warnings, c.resolved.Problem(w.Key, w.Text).Line())
	}
	c.readRemote(time.Now())
	if len(c.mistakes) > 0 {
		return nil
	}
	if _, err := relay.NewProcess(c.resolved.Config, relay.Options{}); err != nil {
		return command.Exit(command.WrongUsage, err)
	}
	return nil
}

// readRemote reads the certificate that the relay shows to other machines.
func (c *checking) readRemote(now time.Time) {
	const key = "http.remote.cert"
	isRemote := func(p config.Problem) bool { return strings.HasPrefix(p.Key, "http.remote") }
	if slices.ContainsFunc(c.mistakes, isRemote) {
		return // about the same files
	}
	ends, err := remoteOf(c.resolved.Config.HTTP.Remote).Check()
	const soon = 30 * 24 * time.Hour // as for the credentials of both sides
	switch day := ends.UTC().Format(time.DateOnly); {
	case err != nil:
		c.mistakes = c.mistakes.With(c.resolved.Problem(key, err.Error()))
	case ends.IsZero():
	case now.After(ends):
		c.mistakes = c.mistakes.With(c.resolved.Problem(key, "ended on "+day+"; nobody can scrape, get a new one"))
	case ends.Sub(now) < soon:
		c.warnings = append(c.warnings, c.resolved.Problem(key, "ends on "+day+"; get a new one before that").Line())
	}
}

// sayFiles prints what was read, as text.
func (c *checking) sayFiles() error {
	printWarnings(c.cmd.Root().ErrWriter, c.warnings)
	if len(c.mistakes) > 0 {
		return c.mistakes
	}
	for _, n := range c.resolved.Notes {
		fmt.Fprintln(c.cmd.Root().ErrWriter, "fedrelay: note:", n)
	}
	_, err := fmt.Fprintln(c.cmd.Root().Writer, "OK:", c.resolved.Config.Summary())
	return err
}

// sayReport prints a report, after connecting if that is asked for.
func (c *checking) sayReport(ctx context.Context) error {
	if len(c.mistakes) > 0 && c.format == "text" {
		return c.sayFiles()
	}
	r := c.report()
	if c.connect && len(c.mistakes) == 0 {
		ctx, stop := command.UntilSignal(ctx)
		defer stop()
		r = c.connectUntilWell(ctx)
	}
	if err := r.Write(c.cmd.Root().Writer, c.format); err != nil {
		return err
	}
	return c.ending(r)
}

// report is about the files alone.
func (c *checking) report() *preflight.Report {
	cfg := c.resolved.Config
	r := preflight.NewReport(time.Now())
	r.Config, r.Identity = cfg.Summary(), cfg.Identity
	r.Cluster = strings.Join(cfg.ClusterNames(), ",")
	for _, m := range c.mistakes {
		r.Add(preflight.Check{ID: preflight.IDConfig, Level: preflight.Critical, Text: m.Line()})
	}
	for _, w := range unique(c.warnings) {
		r.Add(preflight.Check{ID: preflight.IDConfig, Level: preflight.Warning, Text: w})
	}
	if len(r.Checks) == 0 {
		r.Add(preflight.Check{ID: preflight.IDConfig, Level: preflight.OK, Text: "configuration, credentials and certificates can be used"})
	}
	return r
}

// connectUntilWell connects, again and again until nothing fails or the time for that is over.
func (c *checking) connectUntilWell(ctx context.Context) *preflight.Report {
	const pause = time.Second
	end := time.Now().Add(c.cmd.Duration("wait"))
	for {
		r := c.report()
		preflight.Run(ctx, preflight.Options{Config: c.resolved.Config, Where: c.where}, r)
		if r.Level != preflight.Critical || time.Now().Add(pause).After(end) {
			return r
		}
		select {
		case <-ctx.Done():
			return r
		case <-time.After(pause):
		}
	}
}

// where is the place of a setting that was set somewhere.
func (c *checking) where(key string) string {
	line := c.resolved.Problem(key, "").Line()
	place, _, ok := strings.Cut(line, ": ")
	if !ok || place == key {
		return ""
	}
	return place
}

// ending is the exit code for a report.
func (c *checking) ending(r *preflight.Report) error {
	code := command.Done
	switch {
	case c.format == "nagios":
		code = r.NagiosCode()
	case len(c.mistakes) > 0:
		code = command.WrongUsage
	case r.Unreachable():
		code = command.Unreachable
	case r.Level == preflight.Critical:
		code = command.Failed
	}
	if code == command.Done {
		return nil
	}
	return command.Exit(code, nil)
}

func unique(lines []string) (once []string) {
	for _, line := range lines {
		if !slices.Contains(once, line) {
			once = append(once, line)
		}
	}
	return once
}

// printWarnings prints each line once: one setting of the original broker may stand for both sides.
func printWarnings(w io.Writer, lines []string) {
	for _, line := range unique(lines) {
		fmt.Fprintln(w, "fedrelay: warning:", line)
	}
}

// fileOf returns the configuration that cmd names, in one of two ways, and whether it is one of
// go-choria's.
func fileOf(cmd *cli.Command) (yaml, choria string, err error) {
	yaml, choria = cmd.String("config"), cmd.String("choria-config")
	argument := cmd.Args().First()
	switch {
	case argument == "" || !takesFile(cmd):
		return yaml, choria, nil
	case yaml == os.Getenv(config.EnvFile) && choria == os.Getenv(config.EnvChoria):
		yaml, choria = "", "" // what is on the command line wins
	case yaml+choria != "":
		return "", "", command.UsageError(cmd, fmt.Sprintf("%q and a flag both name a configuration; give one", argument))
	}
	if ext := filepath.Ext(argument); ext == ".conf" || ext == ".cfg" {
		return "", argument, nil
	}
	return argument, "", nil
}

// takesFile reports whether the argument of a verb may be a configuration.
func takesFile(cmd *cli.Command) bool { return cmd.Name == "check" || cmd.Name == "permissions" }
