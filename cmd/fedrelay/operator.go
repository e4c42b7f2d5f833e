package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
)

// An operator is who uses a verb that asks relays over NATS.
type operator struct {
	clusters []string
	session  *link.Session // to the federation; the caller must Close it
	// again makes another session like that one.
	again func(context.Context) (*link.Session, error)
}

// operatorFlags are those of all verbs that ask relays. A relay's own file may be given, too.
func operatorFlags() []cli.Flag {
	return append([]cli.Flag{configFlag()}, flagsOf(operatorSettings())...)
}

// operatorSettings are the settings among operatorFlags.
func operatorSettings() []settingFlag {
	flags := []settingFlag{
		{name: "cluster", key: "edge.clusters", kind: manyValues, usage: "`NAME` of a cluster; may be given more than once"},
		{name: "federation", key: "federation.servers", kind: manyValues, usage: "`URL`[,URL] of the servers clients connect to"},
		{name: "context", key: "federation.context", usage: "nats context to log in with, `NAME` or path"},
	}
	side := sideFlags("fed", "federation", "col")
	side = slices.DeleteFunc(side, func(s settingFlag) bool { return s.key == "federation.context" })
	for i := range side {
		usage, _, _ := strings.Cut(side[i].usage, "; --col-")
		side[i].usage = strings.TrimSuffix(usage, " of the relay")
	}
	return append(flags, side...)
}

// connectOperator connects to the federation as the flags of cmd say.
func connectOperator(ctx context.Context, cmd *cli.Command) (*operator, error) {
	src := config.Sources{File: cmd.String("config"), Stdin: os.Stdin, Environ: os.Environ(), Operator: true}
	for _, s := range operatorSettings() {
		if cmd.IsSet(s.name) {
			src.Flags = append(src.Flags, config.Flag{Name: "--" + s.name, Key: s.key, Values: s.values(cmd)})
		}
	}
	resolved, err := config.Resolve(src)
	if err != nil {
		return nil, err
	}
	c := resolved.Config
	o := &operator{clusters: c.ClusterNames(), again: func(ctx context.Context) (*link.Session, error) {
		return service.Connect(ctx, c.Federation, fmt.Sprintf("fedrelay %s (operator)", cmd.Name))
	}}
	if o.session, err = o.again(ctx); err != nil {
		return nil, command.Exit(command.Unreachable, fmt.Errorf("federation: %w", err))
	}
	return o, nil
}
