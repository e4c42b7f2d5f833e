// Command fedrelay-demo runs a whole federation in one process, to watch: servers, simulated nodes,
// relays and a client. It is a program of its own because it links a NATS server, which a relay
// does not need. `fedrelay demo` runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/demo"
)

// version is set by the linker (make build).
var version string

func main() {
	root := app()
	os.Exit(command.Tell(os.Stderr, root.Name, root.Run(context.Background(), command.HelpFirst(root, os.Args))))
}

func app() *cli.Command {
	build := command.ReadBuild(version)
	return &cli.Command{
		Name:                          "fedrelay-demo",
		Usage:                         "run a whole federation in this process and watch it",
		Description:                   "Servers, nodes and relays on loopback; nothing is configured, nothing is left behind.",
		Version:                       build.Version + ", nats-server " + build.NATSServer,
		Flags:                         flags(),
		Action:                        run,
		ArgValidator:                  command.NoArguments,
		OnUsageError:                  command.UsageProblem,
		ExitErrHandler:                command.LeaveExitToMain,
		HideHelpCommand:               true,
		EnableShellCompletion:         true,
		CustomRootCommandHelpTemplate: command.WithExamples(cli.RootCommandHelpTemplate, examples),
	}
}

const examples = `fedrelay-demo
fedrelay-demo --collectives 3 --nodes 9000 --for 1m
fedrelay-demo --for 5s --json`

func flags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{
			Name: "collectives", Usage: "`N` collectives, each with a server and a relay",
			Value: 2, Validator: between(1, demo.MaxCollectives),
		},
		&cli.IntFlag{
			Name: "nodes", Usage: "`N` simulated nodes in all", Value: 2000, Validator: between(1, demo.MaxNodes),
		},
		&cli.DurationFlag{Name: "for", Usage: "`TIME` to run", Value: 10 * time.Second, Validator: positive},
		&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print the result as JSON", HideDefault: true},
		&cli.BoolFlag{Name: "plain", Usage: "print lines instead of a live view", HideDefault: true},
	}
}

func run(ctx context.Context, cmd *cli.Command) error {
	nodes, collectives := cmd.Int("nodes"), cmd.Int("collectives")
	if nodes < collectives {
		return command.UsageError(cmd, fmt.Sprintf("--nodes %d are too few for --collectives %d", nodes, collectives))
	}
	ctx, stop := command.UntilSignal(ctx)
	defer stop()
	_, err := demo.Run(ctx, demo.Options{
		Collectives: collectives, Nodes: nodes, For: cmd.Duration("for"),
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
