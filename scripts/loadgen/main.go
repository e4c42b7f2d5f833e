// Command loadgen asks simulated nodes through a relay, and says what arrived, how late, and at
// what cost. It needs nothing of a relay but NATS and Choria's protocol. Each verb is one file; the
// work is done by packages in internal.
package main

import (
	"context"
	"os"
	"runtime/debug"

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

const edgeExample = `loadgen run --exec './relay {fed} {col}' --edge 'fedrelay edge --cluster {cluster} --federation nats://{fed} --line nats://{line}'`

// collectLess trades memory for CPU time, which is then free for the relay: messages are garbage as
// soon as they are counted. The heap may grow to five times what is in use, up to the limit.
func collectLess() {
	const limit = 3 << 29 // 1.5 GiB
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(limit)
}

// exitThreshold is an exit code that only this program has.
const exitThreshold = 99

const exitCodesText = `Exit codes: 0 done, 1 failed or books that do not agree, 2 wrong usage, 3 a server could not be reached or
the relay was not ready in time, 99 a threshold is broken, 130 interrupted (with a report of what there was).`
