package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
)

// demoProgram has the demo, and the NATS server that it needs.
const demoProgram = "fedrelay-demo"

var errNoDemo = errors.New("no " + demoProgram + " beside this program or in PATH; get it with: " +
	"go install github.com/fedrelay/fedrelay/cmd/" + demoProgram + "@latest")

// demoCommand leaves everything behind the verb to the demo's own program, also --help and
// completions.
func demoCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:            "demo",
		Usage:           "run a whole federation in one process and watch it",
		SkipFlagParsing: true,
		Action: func(_ context.Context, cmd *cli.Command) error {
			return runDemo(cmd.Args().Slice())
		},
		ShellComplete: func(_ context.Context, cmd *cli.Command) {
			// Without the demo's program there is nothing to suggest.
			_ = runDemo(append(cmd.Args().Slice(), completionFlag))
		},
	}, "")
	c.ArgValidator = nil
	return c
}

// completionFlag ends the command line of a shell that asks what to suggest. The library has taken
// it off.
const completionFlag = "--generate-shell-completion"

func runDemo(args []string) error {
	path, err := findBeside(demoProgram)
	if err != nil {
		return command.Exit(command.WrongUsage, errNoDemo)
	}
	return become(path, args)
}

// findBeside looks for a program in the directory of this one, then in PATH.
func findBeside(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return exec.LookPath(name)
	}
	if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
		return path, nil
	}
	return exec.LookPath(name)
}
