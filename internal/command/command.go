// Package command holds what the command lines of all our programs have in common: exit codes,
// one-line answers to wrong usage that say where help is, and help texts that end with commands to
// copy.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v3"
)

// Exit codes that mean the same in all programs. They are part of the interface: scripts and
// service managers read them.
const (
	Done        = 0
	Failed      = 1
	WrongUsage  = 2
	Unreachable = 3
	Interrupted = 130
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

// UsageProblem says in one line what is wrong with the command line and where help is, instead of
// printing all of it.
func UsageProblem(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
		text = "unknown flag " + Dashes(name) + suggestFlag(cmd, name)
	}
	if value, rest, ok := strings.Cut(text, " for flag "); ok {
		name, why, _ := strings.Cut(rest, ": ")
		value = strings.TrimPrefix(value, "invalid value ")
		flag := flagNamed(cmd, strings.TrimLeft(name, "-"))
		text = fmt.Sprintf("%s: %s: %s", Dashes(name), value, inWords(flag, strings.Trim(value, `"`), why))
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: "); ok {
		text = Dashes(name) + " needs a value"
	}
	return UsageError(cmd, text)
}

// UsageError says what is wrong with the use of cmd, and where help is.
func UsageError(cmd *cli.Command, text string) error {
	return Exit(WrongUsage, fmt.Errorf("%s\n  help: %s --help", text, cmd.FullName()))
}

// Dashes spells a flag as it is documented, whatever the library made of it.
func Dashes(flag string) string {
	name := strings.TrimLeft(flag, "-")
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// NoArguments is for commands that take flags only: a forgotten -- must not go unnoticed.
func NoArguments(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().First() == "help" {
		return ShowHelp(cmd)
	}
	if cmd.Args().Present() {
		return UsageError(cmd, fmt.Sprintf("unexpected argument %q", cmd.Args().First()))
	}
	return nil
}

// RootAction is for the program itself: it is reached when no verb was recognised.
func RootAction(_ context.Context, cmd *cli.Command) error {
	if !cmd.Args().Present() {
		return cli.ShowRootCommandHelp(cmd)
	}
	return UnknownVerb(cmd)
}

// UnknownVerb is a usage error that names the nearest verb, or all.
func UnknownVerb(cmd *cli.Command) error {
	name := cmd.Args().First()
	return UsageError(cmd, fmt.Sprintf("unknown command %q%s", name, suggestVerb(cmd, name)))
}

// WithExamples ends a help text with commands to copy.
func WithExamples(template, examples string) string {
	return template + "\nEXAMPLES:\n   " + strings.ReplaceAll(examples, "\n", "\n   ") + "\n"
}
