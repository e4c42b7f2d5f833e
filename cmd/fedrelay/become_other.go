//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"

	"github.com/fedrelay/fedrelay/internal/command"
)

// become runs a program in place of this one, and ends with its exit code. An interrupt reaches
// both: what it means is for that program to say.
func become(path string, args []string) error {
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return command.Exit(ended.ExitCode(), nil)
	}
	return err
}
