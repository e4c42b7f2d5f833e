package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

func runCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "run",
		Usage: "relay until told to stop",
		Description: "SIGTERM or SIGINT drains and ends, another a second later or more ends at once. SIGHUP reads\n" +
			"the configuration again. --fed-* flags have --col-* twins. Credentials and certificates are\n" +
			"read at every connect; run waits for those that cannot be used yet.",
		Flags:  append(configFlags(), lifeFlags()...),
		Action: run,
	}, "fedrelay run --cluster london --federation nats://127.0.0.1:4300 --collective nats://127.0.0.1:4301\n"+
		"fedrelay run --config /etc/fedrelay/fedrelay.yaml\n"+
		"fedrelay run --choria-config /etc/choria/broker.conf --http 127.0.0.1:0")
}

// lifeFlags are those of the verbs that relay, run and edge.
func lifeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ports-file", Usage: "write the address listened on to `FILE` as JSON"},
		&cli.StringFlag{
			Name: "profile", Usage: "write a `KIND` of profile: cpu, mem, mutex, block or trace",
			Validator: isProfile,
		},
		&cli.StringFlag{Name: "profile-dir", Usage: "`DIR` to write it to", Value: ".", HideDefault: true},
		&cli.BoolFlag{Name: "strict-drain", Usage: "exit with 4 if anything was left unconfirmed", HideDefault: true},
		&cli.BoolFlag{
			Name: "test", Aliases: []string{"t"}, Usage: "only check the configuration, as fedrelay check",
			HideDefault: true,
		},
	}
}

func run(ctx context.Context, cmd *cli.Command) error {
	if cmd.Bool("test") {
		return check(ctx, cmd)
	}
	src, err := sourcesToRun(cmd)
	if err != nil {
		return err
	}
	resolved, err := config.Resolve(src)
	if err != nil {
		return err
	}
	c := resolved.Config
	logging := newLogger(c.Log, os.Stderr)
	defer logging.lines.Close(flushTime)
	log := logging.Logger
	slog.SetDefault(log) // what a library says is said the same way
	for _, w := range resolved.Warnings {
		log.Warn(w)
	}
	options := relay.Options{Log: log, Version: programVersion(), ConfigFile: cmd.String("config")}
	p, err := relay.NewProcess(c, options)
	if err != nil {
		return logged(log, command.Exit(command.WrongUsage, err))
	}
	defer startProfile(cmd.String("profile"), cmd.String("profile-dir"))()
	limitMemory(log)
	reloader := newReloader(src, p, logging)
	p.Warn(reloader.warnings)
	l := &life{
		process: p, log: log, http: c.HTTP, anyPort: resolved.Origin("http.listen").FromChoria(),
		portsFile: cmd.String("ports-file"), strict: cmd.Bool("strict-drain"),
		dropped: logging.lines.Dropped, reloader: reloader, systemd: newSystemd(log),
	}
	return logged(log, l.run(ctx))
}
