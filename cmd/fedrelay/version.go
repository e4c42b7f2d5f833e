package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"
)

// version is set by the linker (make build).
var version string

// build is what went into the program. The servers and clients it embeds have advisories of their own, so they are named.
type build struct {
	Version    string `json:"version"`
	Commit     string `json:"commit,omitempty"`
	Date       string `json:"date,omitempty"`
	Modified   bool   `json:"modified,omitempty"`
	Go         string `json:"go"`
	Platform   string `json:"platform"`
	NATSClient string `json:"nats.go"`
	NATSServer string `json:"nats-server"`
}

func versionCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "version",
		Usage: "print the version, and those of what is built in",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print JSON", HideDefault: true}},
		Action: func(_ context.Context, cmd *cli.Command) error {
			return readBuild().print(cmd.Root().Writer, cmd.Bool("json"))
		},
	}, "fedrelay version\nfedrelay version --json")
}

func (b build) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(b)
	}
	_, err := fmt.Fprintf(w, "fedrelay %s%s\n%s %s, nats.go %s, nats-server %s\n",
		b.Version, b.commit(), b.Go, b.Platform, b.NATSClient, b.NATSServer)
	return err
}

func (b build) commit() string {
	if b.Commit == "" {
		return ""
	}
	return fmt.Sprintf(" (%.12s %s)", b.Commit, b.Date)
}

func programVersion() string { return readBuild().Version }

func readBuild() build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, NATSClient: "none", NATSServer: "none"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	switch v := info.Main.Version; {
	case version != "":
		b.Version = version
	case v != "" && v != "(devel)":
		b.Version = v
	}
	b.readModules(info.Deps)
	b.readSettings(info.Settings)
	return b
}

func (b *build) readModules(modules []*debug.Module) {
	for _, m := range modules {
		switch m.Path {
		case "github.com/nats-io/nats.go":
			b.NATSClient = m.Version
		case "github.com/nats-io/nats-server/v2":
			b.NATSServer = m.Version
		}
	}
}

func (b *build) readSettings(settings []debug.BuildSetting) {
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
}
