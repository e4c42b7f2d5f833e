package main

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/lab"
	far "github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/load"
)

func runCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "run",
		Usage:       "ask nodes through a relay, and report",
		Description: runText,
		Flags:       append(append(askFlags(), nodeFlags()...), outputFlags()...),
		Action:      run,
	}, 0, execExample+" --threshold 'lost==0'\n"+
		"loadgen run --fed nats://127.0.0.1:4300 --col nats://127.0.0.1:4301 --rate 20 --duration 30s --pid 4711 -o run.frb\n"+
		"loadgen run --exec './relay {fed} {col}' --burst --requests 50 --delay lognormal:20ms,0.5 --json\n"+
		edgeExample)
}

const runText = `Latency is the time from when a request should have been sent, however late the generator was, to its replies.
Without --fed two servers are started in this process. With --exec or --pid the relay's CPU time is divided into that
for copies and that for replies: requests to nodes that do not exist are sent before the run to learn what a copy costs,
the time idle is taken away, and what remains of the run is for replies. --exec runs a command line of the shell in
which {fed}, {col} and {http} become host:port and {cluster} the cluster, and ends it with SIGTERM. --edge runs another
one between the clients, who get a server of their own ({fed}), and the relay ({line} is the relay's {fed}).`

func askFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "fed", Usage: "`URL` of the federation's server (default: one in this process)", HideDefault: true},
		&cli.StringFlag{Name: "col", Usage: "`URL` of the collective's server, for nodes in this process"},
		&cli.StringFlag{Name: "nodes-from", Usage: "`HOST:PORT` of the collective's server, with nodes of 'loadgen nodes'"},
		&cli.StringFlag{Name: "exec", Usage: "start the relay with this `COMMAND`"},
		&cli.StringFlag{Name: "edge", Usage: "put an edge before the relay, started with this `COMMAND`"},
		&cli.DurationFlag{Name: "line-rtt", Usage: "put the relay, or the edge, so far from the federation's server: a round trip takes `TIME` more", HideDefault: true, Validator: isPositive},
		&cli.FloatFlag{Name: "line-rate", Usage: "that way carries `MBIT` a second in each direction (default: no limit)", HideDefault: true, Validator: isRate},
		&cli.FloatFlag{Name: "line-loss", Usage: "that way loses `PERCENT` of the packets", HideDefault: true, Validator: isPercent},
		&cli.StringFlag{Name: "wire", Usage: "`FORM` in which the client asks and is answered, json or compact", Value: "json", Validator: isWire},
		&cli.IntFlag{Name: "pid", Usage: "watch the process `P` as the relay", HideDefault: true, Validator: between(1, 1<<30)},
		&cli.StringFlag{Name: "http", Usage: "`HOST:PORT` of the relay's metrics, to compare its books with ours"},
		&cli.DurationFlag{Name: "calibration", Usage: "`TIME` at most to learn what a copy costs, before the run", Value: 2 * time.Second, Validator: isPositive},
		&cli.IntFlag{Name: "targets", Usage: "`N` nodes in each request, taking turns (default: all)", HideDefault: true, Validator: between(1, maxNodes)},
		&cli.IntFlag{Name: "group", Usage: "`N` targets in each message", Value: 200, Validator: between(1, maxNodes)},
		&cli.BoolFlag{Name: "broadcast", Usage: "one message to all nodes instead", HideDefault: true},
		&cli.FloatFlag{Name: "rate", Usage: "`R` requests a second", Value: 5, Validator: isRate},
		&cli.BoolFlag{Name: "burst", Usage: "all requests at once", HideDefault: true},
		&cli.BoolFlag{Name: "closed-loop", Usage: "each request when the one before is answered", HideDefault: true},
		&cli.IntFlag{Name: "requests", Usage: "end after `N` requests (default: 10 without --duration)", HideDefault: true, Validator: between(1, 100_000_000)},
		&cli.DurationFlag{Name: "duration", Usage: "end after this `TIME`", HideDefault: true, Validator: isPositive},
		&cli.DurationFlag{Name: "timeout", Usage: "`TIME` after which a reply is late", Value: 10 * time.Second, Validator: isPositive},
		&cli.IntFlag{Name: "payload", Usage: "`BYTES` of text in each request", Value: 200, Validator: between(0, 16<<20)},
	}
}

func run(parent context.Context, cmd *cli.Command) error {
	to, err := newOutput(cmd)
	if err != nil {
		return err
	}
	o, err := options(cmd)
	if err != nil {
		return err
	}
	if err := onlyHere(cmd, o.Fed, o.Col, o.NodesFrom, o.HTTP); err != nil {
		return err
	}
	ctx, stop := command.UntilSignal(parent)
	defer stop()
	o.Phase, o.Began = showProgress(cmd)
	result, err := lab.Run(ctx, o)
	switch {
	case errors.Is(err, lab.ErrUnreachable):
		return command.Exit(command.Unreachable, err)
	case errors.Is(err, context.Canceled):
		return command.Exit(command.Interrupted, errors.New("interrupted before the first request"))
	case err != nil:
		return err
	}
	return to.write(cmd, result)
}

func options(cmd *cli.Command) (lab.Options, error) {
	b, err := behaviour(cmd)
	if err != nil {
		return lab.Options{}, err
	}
	o := lab.Options{
		Load: load.Options{
			Version: protocol(cmd), Collective: cmd.String("collective"), Cluster: cmd.String("cluster"),
			Targets: cmd.Int("targets"), Group: cmd.Int("group"), Broadcast: cmd.Bool("broadcast"), Compact: cmd.String("wire") == "compact",
			RequestBytes: cmd.Int("payload"), Plan: plan(cmd), Timeout: cmd.Duration("timeout"), Behaviour: b, Seed: b.Seed,
		},
		Nodes: cmd.Int("nodes"), Connections: cmd.Int("connections"), ReplyBytes: cmd.Int("reply-size"),
		Fed: cmd.String("fed"), Col: cmd.String("col"), NodesFrom: cmd.String("nodes-from"),
		Line: shape(cmd), Exec: cmd.String("exec"), Edge: cmd.String("edge"), PID: cmd.Int("pid"), HTTP: cmd.String("http"), Calibration: cmd.Duration("calibration"),
	}
	if err := o.Check(); err != nil {
		return o, command.UsageError(cmd, err.Error())
	}
	return o, nil
}

// shape is that of the line between the federation's server and who is far from it.
func shape(cmd *cli.Command) far.Shape {
	s := far.Shape{RoundTrip: cmd.Duration("line-rtt"), Rate: int64(cmd.Float("line-rate") * 1e6), Loss: cmd.Float("line-loss") / 100}
	if s != (far.Shape{}) {
		s.Window = far.LinuxWindow
	}
	return s
}

// plan has a rate by default, but not with --burst or --closed-loop. To give a rate as well is an
// error, which Plan.Check finds.
func plan(cmd *cli.Command) load.Plan {
	p := load.Plan{
		Burst: cmd.Bool("burst"), ClosedLoop: cmd.Bool("closed-loop"), Requests: cmd.Int("requests"), Duration: cmd.Duration("duration"),
	}
	if cmd.IsSet("rate") || !p.Burst && !p.ClosedLoop {
		p.Rate = cmd.Float("rate")
	}
	if p.Requests == 0 && p.Duration == 0 {
		p.Requests = 10
	}
	return p
}

func isWire(text string) error {
	if text != "json" && text != "compact" {
		return errors.New("want json or compact")
	}
	return nil
}

func isPercent(p float64) error {
	if !(p > 0 && p <= 50) {
		return errors.New("want more than 0, at most 50")
	}
	return nil
}

func isRate(r float64) error {
	if !(r > 0 && r <= 1e6) {
		return errors.New("want more than 0, at most 1000000")
	}
	return nil
}
