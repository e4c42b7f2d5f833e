// Command fedrelay relays Choria messages between two NATS networks. Each verb is one file; what
// they do is in internal.
package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
)

func main() {
	root := app()
	os.Exit(report(os.Stderr, root.Run(context.Background(), command.HelpFirst(root, os.Args))))
}

func app() *cli.Command {
	cli.ShowSubcommandHelp = showGroupHelp
	return &cli.Command{
		Name:        "fedrelay",
		Usage:       "relay Choria messages between a federation of NATS networks",
		Description: exitCodesText,
		Version:     programVersion(),
		Commands: append([]*cli.Command{
			runCommand(),
			edgeCommand(),
			demoCommand(),
			observeCommand(),
			explainCommand(),
			rejectsCommand(),
			traceCommand(),
			checkCommand(),
			configCommand(),
			keysCommand(),
			versionCommand(),
		}, commandsOfBuild()...),
		Action:                          command.RootAction,
		OnUsageError:                    command.UsageProblem,
		ExitErrHandler:                  command.LeaveExitToMain,
		HideHelpCommand:                 true,
		Metadata:                        meanings(),
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: showCompletion,
		CustomRootCommandHelpTemplate:   command.WithExamples(cli.RootCommandHelpTemplate, rootExamples),
	}
}

const rootExamples = `fedrelay demo
fedrelay run --cluster london --federation nats://127.0.0.1:4300 --collective nats://127.0.0.1:4301
fedrelay run --choria-config /etc/choria/broker.conf
fedrelay edge --cluster london --federation nats://127.0.0.1:4222 --line nats://127.0.0.1:4300`
