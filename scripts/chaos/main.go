// Command chaos breaks a federation under load, and says what became of each request and reply. The
// work is done by internal/chaos.
package main

import (
	"context"
	"os"
	"regexp"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/chaos"
	"github.com/fedrelay/fedrelay/internal/command"
)

// serverVerb is what this program is called with to be a NATS server.
const serverVerb = "server"

// atMost bounds all of it.
const atMost = 290 * time.Second

func main() {
	root := &cli.Command{
		Name:  "chaos",
		Usage: "break a federation under load: three relays, two NATS servers, a client and nodes",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "relay", Usage: "the `PROGRAM` fedrelay", Value: "bin/fedrelay"},
			&cli.StringFlag{Name: "old", Usage: "another `PROGRAM`, in turns with the first: a rolling upgrade, and back"},
			&cli.StringFlag{Name: "only", Usage: "faults whose names match a `REGEXP`"},
			&cli.IntFlag{Name: "restarts", Usage: "`N` restarts while requests go on", Value: 100},
			&cli.Int64Flag{Name: "replies", Usage: "`N` replies at least by then", Value: 1_000_000},
			&cli.FloatFlag{Name: "rate", Usage: "`R` requests to 1000 nodes a second", Value: 20},
			&cli.StringFlag{Name: "markdown", Usage: "write the table into `FILE`, between its marks"},
		},
		Action:                        breakAll,
		OnUsageError:                  command.UsageProblem,
		ExitErrHandler:                command.LeaveExitToMain,
		HideHelpCommand:               true,
		Commands:                      []*cli.Command{{Name: serverVerb, Hidden: true, Action: serve}},
		CustomRootCommandHelpTemplate: command.WithExamples(cli.RootCommandHelpTemplate, "chaos\nchaos --only 'kill|cuts' --old ../before/fedrelay"),
	}
	os.Exit(command.Tell(os.Stderr, "chaos", root.Run(context.Background(), os.Args)))
}

func serve(parent context.Context, cmd *cli.Command) error {
	ctx, stop := command.UntilSignal(parent)
	defer stop()
	return chaos.Serve(ctx, os.Stdout, cmd.Args().Slice())
}

func breakAll(parent context.Context, cmd *cli.Command) error {
	only, err := regexp.Compile(cmd.String("only"))
	if err != nil {
		return command.UsageError(cmd, err.Error())
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := command.UntilSignal(parent)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	o := chaos.Options{
		Relay: []string{cmd.String("relay")}, Server: []string{self, serverVerb},
		Restarts: cmd.Int("restarts"), Replies: cmd.Int64("replies"), Rate: cmd.Float("rate"),
	}
	if old := cmd.String("old"); old != "" {
		o.Old = []string{old}
	}
	return tell(cmd, runAll(ctx, o, only))
}
