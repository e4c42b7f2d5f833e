package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/config"
)

// Exit codes are part of the interface: scripts and service managers read them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitUnconfirmed = 4
	exitAborted     = 130
)

const exitCodesText = `Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 stopped without ever having been
connected to both sides, 4 drained but not all confirmed (--strict-drain), 130 stopped at once by a second signal.`

// exitError is an error that decides about the exit code.
type exitError struct {
	code int
	err  error // nil if everything has been said
}

func (e *exitError) Error() string { return fmt.Sprint(e.err) }
func (e *exitError) Unwrap() error { return e.err }

func exit(code int, err error) error { return &exitError{code: code, err: err} }

// report prints err the way an operator reads it, a line or a few for each mistake, and returns the exit code.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	var problems config.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintf(stderr, "fedrelay: %s\n", p)
		}
		return exitUsage
	}
	code := exitFailed
	var e *exitError
	if errors.As(err, &e) {
		code, err = e.code, e.err
	}
	if err != nil {
		fmt.Fprintf(stderr, "fedrelay: %s\n", err)
	}
	return code
}

// leaveExitToMain keeps the library from ending the process itself.
func leaveExitToMain(context.Context, *cli.Command, error) {}
