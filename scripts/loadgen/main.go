// Command loadgen asks a fleet of simulated nodes through a relay, and says what arrived, how late, and at what cost. It speaks
// NATS and the protocol only, so it works against any relay. Each verb is one file; what they do is in internal.
package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
)

// version is set by the linker.
var version = "devel"

func main() {
	collectLess()
	root := app()
	os.Exit(command.Tell(os.Stderr, "loadgen", root.Run(context.Background(), command.HelpFirst(root, os.Args))))
}

func app() *cli.Command {
	return &cli.Command{
		Name:                          "loadgen",
		Usage:                         "load a relay with simulated clients and nodes, and measure it",
		Description:                   exitCodesText,
		Version:                       version,
		Commands:                      []*cli.Command{runCommand(), nodesCommand(), reportCommand(), compareCommand()},
		Action:                        command.RootAction,
		OnUsageError:                  command.UsageProblem,
		ExitErrHandler:                command.LeaveExitToMain,
		HideHelpCommand:               true,
		CustomRootCommandHelpTemplate: command.WithExamples(cli.RootCommandHelpTemplate, rootExamples),
	}
}

const rootExamples = execExample + `
loadgen run --fed nats://127.0.0.1:4300 --nodes-from 127.0.0.1:4301 --rate 5 --duration 10s -o run.frb
loadgen report --html run.html run.frb`

const execExample = `loadgen run --exec 'fedrelay run --cluster {cluster} --federation nats://{fed} --collective nats://{col} --http {http}'`
