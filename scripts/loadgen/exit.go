package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"
)

// Exit codes are part of the interface: scripts read them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitThreshold   = 99
	exitInterrupted = 130
)

const exitCodesText = `Exit codes: 0 done, 1 failed or books that do not agree, 2 wrong usage, 3 a server could not be reached or
the relay was not ready in time, 99 a threshold is broken, 130 interrupted (with a report of what there was).`

// exitError is an error that decides about the exit code.
type exitError struct {
	code int
	err  error // nil if everything has been said
}

func (e *exitError) Error() string { return fmt.Sprint(e.err) }
func (e *exitError) Unwrap() error { return e.err }

func exit(code int, err error) error { return &exitError{code: code, err: err} }

// tell prints err and returns the exit code.
func tell(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	code := exitFailed
	var e *exitError
	if errors.As(err, &e) {
		code, err = e.code, e.err
	}
	if err != nil {
		fmt.Fprintf(stderr, "loadgen: %s\n", err)
	}
	return code
}

// leaveExitToMain keeps the library from ending the process itself.
func leaveExitToMain(context.Context, *cli.Command, error) {}
