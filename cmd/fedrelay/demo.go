package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/demo"
)

func demoCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "demo",
		Usage:       "run a whole federation in this process and watch it",
		Description: "Servers, nodes and relays on loopback; nothing is configured, nothing is left behind.",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "collectives", Usage: "`N` collectives, each with a server and a relay", Value: 2, Validator: between(1, demo.MaxCollectives)},
			&cli.IntFlag{Name: "nodes", Usage: "`N` simulated nodes in all", Value: 2000, Validator: between(1, demo.MaxNodes)},
			&cli.DurationFlag{Name: "for", Usage: "`TIME` to run", Value: 10 * time.Second, Validator: positive},
			&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print the result as JSON", HideDefault: true},
			&cli.BoolFlag{Name: "plain", Usage: "print lines instead of a live view", HideDefault: true},
		},
		Action: runDemo,
	}, "fedrelay demo\nfedrelay demo --collectives 3 --nodes 9000 --for 1m\nfedrelay demo --for 5s --json")
}

func runDemo(ctx context.Context, cmd *cli.Command) error {
	if cmd.Int("nodes") < cmd.Int("collectives") {
		return command.UsageError(cmd, fmt.Sprintf("--nodes %d are too few for --collectives %d", cmd.Int("nodes"), cmd.Int("collectives")))
	}
	ctx, stop := command.UntilSignal(ctx)
	defer stop()
	_, err := demo.Run(ctx, demo.Options{
		Collectives: cmd.Int("collectives"), Nodes: cmd.Int("nodes"), For: cmd.Duration("for"),
		JSON: cmd.Bool("json"), Plain: cmd.Bool("plain"),
		Stdout: cmd.Root().Writer, Stderr: cmd.Root().ErrWriter,
	})
	return err
}

func between(least, most int) func(int) error {
	return func(n int) error {
		if n < least || n > most {
			return fmt.Errorf("want %d to %d", least, most)
		}
		return nil
	}
}

func positive(d time.Duration) error {
	if d <= 0 {
		return errors.New("want more than 0s")
	}
	return nil
}
