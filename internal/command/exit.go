// Package command holds what the command lines of all our programs have in common: exit codes,
// one-line answers to wrong usage that say where help is, and help texts that end with commands to
// copy.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"
)

// Exit codes that mean the same in all programs. They are part of the interface: scripts and
// service managers read them.
const (
	Done        = 0   // all went well
	Failed      = 1   // something did not; the message says what
	WrongUsage  = 2   // flags or configuration are wrong
	Unreachable = 3   // a server could not be connected to
	Interrupted = 130 // stopped at once, by a second signal
)

// exitError is an error that decides about the exit code.
type exitError struct {
	code int
	err  error // nil if everything has been said
}

func (e *exitError) Error() string { return fmt.Sprint(e.err) }
func (e *exitError) Unwrap() error { return e.err }

// Exit returns an error that ends the program with code. err may be nil if everything has been
// said.
func Exit(code int, err error) error { return &exitError{code: code, err: err} }

// ExitCode is the exit code that err asks for.
func ExitCode(err error) int {
	if err == nil {
		return Done
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	return Failed
}

// Tell prints err with the name of the program before it, unless it is nil or has been printed, and
// returns the exit code that it asks for.
func Tell(stderr io.Writer, program string, err error) int {
	code := ExitCode(err)
	if e, ok := errors.AsType[*exitError](err); ok {
		err = e.err
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", program, err)
	}
	return code
}

// LeaveExitToMain keeps the library from ending the process itself.
func LeaveExitToMain(context.Context, *cli.Command, error) {}
