package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/explain"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

func rejectsCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "rejects",
		Usage:       "show the last messages that were rejected, and why",
		Description: rejectsText,
		Flags: append(append(askFlags(),
			&cli.IntFlag{Name: "last", Usage: "show `N` at most", Value: 20, Validator: atLeastOne},
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on with new ones until told to stop", HideDefault: true},
			&cli.DurationFlag{Name: "interval", Usage: "with --follow: `TIME` between two questions", Value: 2 * time.Second, Validator: atLeast(100 * time.Millisecond)},
		), operatorFlags()...),
		Action: showRejects,
	}, "fedrelay rejects --cluster london --federation nats://127.0.0.1:4222\n"+
		"fedrelay rejects --cluster london --context central --follow\n"+
		"fedrelay rejects --cluster london --cluster tokyo --last 100 --json")
}

const rejectsText = `Asks all instances of the clusters over NATS for the messages that they have rejected last,
and for targets that they have skipped: time, reason, sender as the message claims, request id, size,
and the subject at fault. The oldest is first. Payloads are never kept. With --json and --follow each
line is a document.`

func showRejects(ctx context.Context, cmd *cli.Command) error {
	ctx, stop := command.UntilSignal(ctx)
	defer stop()
	o, err := connectOperator(ctx, cmd)
	if err != nil {
		return err
	}
	defer o.session.Close()
	all, answered, err := askRejects(ctx, cmd, o, cmd.Int("last"))
	switch {
	case err != nil:
		return err
	case total(answered) == 0:
		return o.nobody()
	}
	silent, w := o.silentBeside(ctx, answered, cmd.Duration("timeout")), cmd.Root().Writer
	if cmd.Bool("json") || cmd.Bool("follow") {
		warnSilent(cmd.Root().ErrWriter, silent)
	}
	text := ""
	switch {
	case cmd.Bool("follow"):
		return followRejects(ctx, cmd, o, all, answered)
	case cmd.Bool("json"):
		return state.WriteJSON(w, list(all))
	case len(all) == 0:
		text = explain.Instances(total(answered)) + " asked: nothing has been rejected\n"
	default:
		err = explain.Rejections(w, all, relay.Hint)
	}
	if err == nil {
		_, err = fmt.Fprint(w, text+missing("what they have rejected is", silent))
	}
	return err
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// askRejects returns the last rejections of all instances, the oldest first, and how many instances
// have answered, by cluster.
func askRejects(ctx context.Context, cmd *cli.Command, o *operator, most int) (all []state.Rejection, answered map[string]int, err error) {
	found, err := askAll[[]state.Rejection](ctx, o, service.Rejections, service.Latest{Most: most}, cmd.Duration("timeout"))
	found.warn(cmd.Root().ErrWriter)
	all = slices.Concat(found.all...)
	slices.SortStableFunc(all, func(a, b state.Rejection) int { return a.At.Compare(b.At) })
	return all[max(0, len(all)-most):], found.counts, err
}

const (
	// followed is how many rejections of each instance are asked for while they are followed.
	followed = 200
	// mostKnown is how many rejections are remembered as printed.
	mostKnown = 100_000
)

// followRejects prints first, then each new rejection once, until ctx ends. If fewer than answered
// have answered for the first time, it says who has not.
func followRejects(ctx context.Context, cmd *cli.Command, o *operator, first []state.Rejection, answered map[string]int) error {
	known := map[state.Rejection]bool{}
	tick := time.NewTicker(cmd.Duration("interval"))
	defer tick.Stop()
	now := first
	for {
		if len(known) > mostKnown {
			clear(known) // some may be printed again
		}
		var fresh []state.Rejection
		for _, r := range now {
			if !known[r] {
				fresh = append(fresh, r)
			}
			known[r] = true
		}
		if err := printFresh(cmd, fresh); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-o.session.Done():
			return fmt.Errorf("federation: %w", o.session.Err())
		case <-tick.C:
		}
		var err error
		before := total(answered)
		if now, answered, err = askRejects(ctx, cmd, o, followed); err != nil && ctx.Err() == nil {
			return err
		}
		if total(answered) < before {
			warnSilent(cmd.Root().ErrWriter, o.silentBeside(ctx, answered, cmd.Duration("timeout")))
		}
		now = slices.DeleteFunc(now, func(r state.Rejection) bool { return len(first) > 0 && r.At.Before(first[0].At) })
	}
}

// printFresh prints rejections while they are followed.
func printFresh(cmd *cli.Command, fresh []state.Rejection) error {
	w := cmd.Root().Writer
	if !cmd.Bool("json") {
		return explain.Rejections(w, fresh, nil)
	}
	for _, r := range fresh {
		if err := state.WriteLine(w, r); err != nil {
			return err
		}
	}
	return nil
}
