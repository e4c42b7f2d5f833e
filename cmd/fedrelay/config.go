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
	"github.com/fedrelay/fedrelay/internal/state"
)

func configCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "config",
		Usage: "print a configuration: an example, the one in effect, or Choria's; its schema, its permissions",
		Commands: []*cli.Command{
			configExampleCommand(), configShowCommand(), configSchemaCommand(), configPermissionsCommand(), configMigrateCommand(),
		},
	}, "fedrelay config example > fedrelay.yaml\nfedrelay config show --config fedrelay.yaml\n"+
		"fedrelay config permissions --config fedrelay.yaml\nfedrelay config migrate-choria /etc/choria/broker.conf > fedrelay.yaml")
}

func configExampleCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "example",
		Usage: "print a configuration to start from",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "full", Usage: "with every setting and what it means", HideDefault: true},
			&cli.BoolFlag{Name: "edge", Usage: "of an edge", HideDefault: true},
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			text := config.Example(cmd.Bool("full"))
			if cmd.Bool("edge") {
				text = config.EdgeExample()
			}
			_, err := fmt.Fprint(cmd.Root().Writer, text)
			return err
		},
	}, "fedrelay config example > fedrelay.yaml\nfedrelay config example --full | less\nfedrelay config example --edge > edge.yaml")
}

func configShowCommand() *cli.Command {
	effective := &cli.BoolFlag{
		Name: "effective", Usage: "with defaults, variables and flags; the only form there is", HideDefault: true,
	}
	asJSON := &cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print JSON", HideDefault: true}
	return verb(&cli.Command{
		Name:   "show",
		Usage:  "print the configuration in effect, each value with its source",
		Flags:  append([]cli.Flag{effective, asJSON}, configFlags()...),
		Action: showConfig,
	}, "fedrelay config show --effective --config fedrelay.yaml\n"+
		"FEDRELAY_LIMITS_TARGETS=1000 fedrelay config show -c fedrelay.yaml | grep targets")
}

func showConfig(_ context.Context, cmd *cli.Command) error {
	resolved, err := resolveToRun(cmd)
	if err != nil {
		return err
	}
	if cmd.Bool("json") {
		shown, err := resolved.Shown()
		if err != nil {
			return err
		}
		return state.WriteJSON(cmd.Root().Writer, shown)
	}
	text, err := resolved.Effective()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(cmd.Root().Writer, text)
	return err
}

func configSchemaCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  "schema",
		Usage: "print the JSON Schema of a configuration, for editors",
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, err := fmt.Fprint(cmd.Root().Writer, config.JSONSchema())
			return err
		},
	}, "fedrelay config schema > fedrelay.schema.json\n"+
		"fedrelay config schema | jq .properties.limits.properties.targets")
}

func configMigrateCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:      "migrate-choria",
		Usage:     "print a configuration that does what go-choria's does",
		ArgsUsage: "[FILE]",
		Description: "Reads FILE (default " + choriaFile + ") and plugin.d beside it. Each setting has a comment that\n" +
			"says which key it comes from. Files that it names are not looked at: fedrelay check does that.\n" +
			"A password in FILE is printed, too.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "disable-tls", Usage: "leave the TLS settings of FILE out", HideDefault: true},
		},
		Action: migrateChoria,
	}, "fedrelay config migrate-choria > /etc/fedrelay/fedrelay.yaml\n"+
		"fedrelay config migrate-choria broker.conf | fedrelay check -")
	c.ArgValidator = oneFile
	return c
}

// choriaFile is where go-choria's packages have the configuration of the broker.
const choriaFile = "/etc/choria/broker.conf"

func migrateChoria(_ context.Context, cmd *cli.Command) error {
	file := cmd.Args().First()
	if file == "" {
		file = choriaFile
	}
	ours := func(variable string) bool { return strings.HasPrefix(variable, config.EnvPrefix) }
	resolved, err := config.Resolve(config.Sources{
		Choria: file, ChoriaWithoutTLS: cmd.Bool("disable-tls"), SkipFiles: true,
		Environ: slices.DeleteFunc(os.Environ(), ours),
	})
	if err != nil {
		return err
	}
	printWarnings(cmd.Root().ErrWriter, resolved.Warnings)
	text, err := resolved.Migrated()
	if err != nil {
		return command.Exit(command.Failed, err)
	}
	_, err = fmt.Fprint(cmd.Root().Writer, text)
	return err
}
