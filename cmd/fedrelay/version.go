package main

import (
	"context"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/state"
)

// version is set by the linker (make build).
var version string

func programVersion() string { return command.ReadBuild(version).Version }

func versionCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "version",
		Usage: "print the version, and those of what is built in",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print JSON", HideDefault: true},
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			return printBuild(cmd.Root().Writer, command.ReadBuild(version), cmd.Bool("json"))
		},
	}, "fedrelay version\nfedrelay version --json")
}

func printBuild(w io.Writer, b command.Build, asJSON bool) error {
	if asJSON {
		return state.WriteJSON(w, b)
	}
	commit := ""
	if b.Commit != "" {
		commit = fmt.Sprintf(" (%.12s %s)", b.Commit, b.Date)
	}
	_, err := fmt.Fprintf(w, "fedrelay %s%s\n%s %s, nats.go %s, nats-server %s\n",
		b.Version, commit, b.Go, b.Platform, b.NATSClient, b.NATSServer)
	return err
}
