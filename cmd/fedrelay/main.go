// Command fedrelay relays Choria messages between two NATS networks. Each verb is one file; what they do is in internal.
package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v3"
)

func main() {
	cli.ShowSubcommandHelp = showGroupHelp
	os.Exit(report(os.Stderr, app().Run(context.Background(), os.Args)))
}

func app() *cli.Command {
	return &cli.Command{
		Name:        "fedrelay",
		Usage:       "relay Choria messages between a federation of NATS networks",
		Description: exitCodesText,
		Version:     programVersion(),
		Commands: []*cli.Command{
			runCommand(), demoCommand(), checkCommand(), configCommand(), versionCommand(),
		},
		Action:                          rootAction,
		OnUsageError:                    usageProblem,
		ExitErrHandler:                  leaveExitToMain,
		HideHelpCommand:                 true,
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: showCompletion,
		CustomRootCommandHelpTemplate:   withExamples(cli.RootCommandHelpTemplate, rootExamples),
	}
}

const rootExamples = `fedrelay demo
fedrelay run --cluster london --federation nats://127.0.0.1:4300 --collective nats://127.0.0.1:4301
fedrelay run --choria-config /etc/choria/broker.conf`
