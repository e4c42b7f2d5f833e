package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/observe/screen"
	"github.com/fedrelay/fedrelay/internal/service"
)

func observeCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "observe",
		Usage:       "watch what the relays of clusters do",
		Description: observeText,
		Flags:       append(observeFlags(), operatorFlags()...),
		Action:      observeClusters,
	}, "fedrelay observe --cluster london --federation nats://127.0.0.1:4222\n"+
		"fedrelay observe --cluster london --cluster tokyo --context central\n"+
		"fedrelay observe --cluster london --once\n"+
		"fedrelay observe --cluster london --json --count 60 --interval 5s")
}

const observeText = `Asks all instances over NATS, on the network that the clients connect to. On a terminal it
shows a live view; elsewhere it prints what it sees once. Instances that stop answering stay in the
list. Brokers of 2017 speak only every 10 seconds: --once --timeout 11s hears them all.
The login needs: publish choria.federation.*.fedrelay.*, subscribe _INBOX.> and, for such brokers,
choria.federation.*.stats; fedrelay config permissions prints it in all forms.
The exit code is 1 if nobody has answered.`

func observeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "once", Usage: "print what is seen, once, and end", HideDefault: true},
		&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print JSON, once if there is no --count", HideDefault: true},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write that to `FILE`, once if there is no --count", OnlyOnce: true},
		&cli.IntFlag{Name: "count", Usage: "print `N` times, one an interval; 0: until told to stop", Validator: zeroOrMore, HideDefault: true},
		&cli.DurationFlag{Name: "interval", Usage: "`TIME` between two questions", Value: time.Second, Validator: atLeast(100 * time.Millisecond)},
		&cli.DurationFlag{Name: "timeout", Usage: "`TIME` to wait for answers before printing", Value: 2 * time.Second, Validator: atLeast(10 * time.Millisecond)},
	}
}

func zeroOrMore(n int) error {
	if n < 0 {
		return errors.New("want 0 or more")
	}
	return nil
}

func atLeast(least time.Duration) func(time.Duration) error {
	return func(d time.Duration) error {
		if d < least {
			return fmt.Errorf("want %s or more", least)
		}
		return nil
	}
}

func observeClusters(ctx context.Context, cmd *cli.Command) error {
	ctx, stop := command.UntilSignal(ctx)
	defer stop()
	o, err := connectOperator(ctx, cmd)
	if err != nil {
		return err
	}
	count, interval := snapshots(cmd), cmd.Duration("interval")
	if count == 1 && !live(cmd) {
		interval = min(interval, cmd.Duration("timeout")/2) // two answers make a rate
	}
	w := &observe.Watch{Model: observe.NewModel(o.clusters, interval, time.Now), Interval: interval}
	hear, look, catch := w.Model.Hear, func() error { return printSnapshots(ctx, cmd, w.Model, count, o.clusters) }, func() {}
	if live(cmd) {
		v := screen.New(ctx, w, os.Stdin, os.Stdout)
		hear, look, catch, w.Catch = v.Hear, v.Run, v.Catch, v.Catch
	}
	w.Connect = connectWith(o, hear)
	feed, err := w.Connect(ctx)
	if err != nil {
		return command.Exit(command.Unreachable, fmt.Errorf("federation: %w", err))
	}
	watching, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); defer catch(); w.Run(watching, feed) }()
	defer func() { end(); <-done }()
	return look()
}

// snapshots is how many snapshots to print; 0: until told to stop.
func snapshots(cmd *cli.Command) int {
	if cmd.IsSet("count") && !cmd.Bool("once") {
		return cmd.Int("count")
	}
	return 1
}

// connectWith returns what makes feeds that hear takes news of. The first has the session of o.
func connectWith(o *operator, hear func(service.News)) func(context.Context) (observe.Feed, error) {
	first := o.session
	return func(ctx context.Context) (observe.Feed, error) {
		s := first
		if first = nil; s == nil {
			var err error
			if s, err = o.again(ctx); err != nil {
				return nil, err
			}
		}
		return service.NewStream(ctx, s, o.clusters, hear)
	}
}

// printSnapshots prints count snapshots.
func printSnapshots(ctx context.Context, cmd *cli.Command, m *observe.Model, count int, clusters []string) error {
	if wantsLive(cmd) {
		fmt.Fprintln(cmd.Root().ErrWriter, "fedrelay: note: there is no terminal for the live view: printing once; --count 0 goes on")
	}
	out, err := openOutput(cmd)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // after an error; else it has been closed
	series := observe.Series{Model: m, Patience: cmd.Duration("timeout"), Interval: cmd.Duration("interval"), Count: count}
	series.Write = func(s observe.Snapshot) error {
		if cmd.Bool("json") {
			return observe.WriteJSON(out, s)
		}
		return observe.WriteText(out, s)
	}
	written, heard, err := series.Run(ctx)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	switch {
	case written < max(count, 1):
		return command.Exit(command.Interrupted, nil)
	case !heard:
		return fmt.Errorf("nobody answers in cluster %s", strings.Join(clusters, ", "))
	}
	return nil
}

// openOutput returns where snapshots go.
func openOutput(cmd *cli.Command) (io.WriteCloser, error) {
	if path := cmd.String("output"); path != "" && path != "-" {
		return os.Create(path)
	}
	return unclosed{cmd.Root().Writer}, nil
}

// unclosed is a writer that belongs to somebody else.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// live reports whether to show the live view.
func live(cmd *cli.Command) bool {
	return wantsLive(cmd) && isatty.IsTerminal(os.Stdout.Fd()) && isatty.IsTerminal(os.Stdin.Fd()) && os.Getenv("TERM") != "dumb"
}

// wantsLive reports whether nothing but the live view is asked for.
func wantsLive(cmd *cli.Command) bool {
	for _, flag := range []string{"once", "json", "output", "count"} {
		if cmd.IsSet(flag) {
			return false
		}
	}
	return true
}
