package main

import (
	"context"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/fleet"
)

func nodesCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "nodes",
		Usage:       "simulate nodes for a client in another process, until told to stop",
		Description: "They subscribe to what real nodes do and answer like those, and tell 'loadgen run --nodes-from' who they are.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "col", Usage: "`URL` of the collective's server", Value: "nats://127.0.0.1:4222"},
		}, nodeFlags()...),
		Action: nodes,
	}, 0, "loadgen nodes --col nats://127.0.0.1:4301 --nodes 10000\n"+
		"loadgen nodes --col nats://127.0.0.1:4301 --nodes 50000 --delay lognormal:20ms,0.5 --slow 0.01 --slow-times 20 --loss 0.001")
}

func nodes(parent context.Context, cmd *cli.Command) error {
	b, err := behaviour(cmd)
	if err != nil {
		return err
	}
	url := cmd.String("col")
	if err := onlyHere(cmd, url); err != nil {
		return err
	}
	ctx, stop := command.UntilSignal(parent)
	defer stop()
	d := fleet.Description{
		Site: cmd.String("cluster"), Nodes: cmd.Int("nodes"), Version: protocol(cmd), Collective: cmd.String("collective"),
		ReplyBytes: cmd.Int("reply-size"), Behaviour: b,
	}
	n, err := startNodes(url, d, cmd.Int("connections"))
	if err != nil {
		return command.Exit(command.Unreachable, fmt.Errorf("nodes on %s: %w", withoutSecrets(url), err))
	}
	defer n.Close()
	stopTelling, err := fleet.Announce(url, d)
	if err != nil {
		return command.Exit(command.Unreachable, fmt.Errorf("nodes on %s: %w", withoutSecrets(url), err))
	}
	defer stopTelling()
	out := cmd.Root().Writer
	fmt.Fprintf(out, "%s nodes listen on %s, node00001.%s.example.net and so on; stop them with Ctrl-C\n",
		humanize.Comma(int64(d.Nodes)), withoutSecrets(url), d.Site)
	<-ctx.Done()
	s := n.Stats()
	fmt.Fprintf(out, "%s copies arrived, %s answered, %s silent on purpose; %d refused, %d failed, %d dropped, %d errors\n",
		humanize.Comma(s.Arrived), humanize.Comma(s.Answered), humanize.Comma(s.Silent), s.Refused, s.Failed, s.Dropped, s.Errors)
	return nil
}

func startNodes(url string, d fleet.Description, connections int) (*fleet.Nodes, error) {
	roster, err := d.Roster()
	if err != nil {
		return nil, err
	}
	if connections == 0 {
		connections = max(2, d.Nodes/2500)
	}
	return fleet.StartNodes(fleet.NodesOptions{
		URL: url, Name: "loadgen nodes", Roster: roster, Version: d.Version, Collective: d.Collective, Connections: connections,
		ReplyBytes: d.ReplyBytes, Behaviour: d.Behaviour,
	})
}
