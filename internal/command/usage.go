package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"
)

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

// Quoted returns an argument for an error text. What may be a login in it is hidden: a password
// with a blank becomes two arguments.
func Quoted(argument string) string {
	if i := strings.LastIndexByte(argument, '@'); i >= 0 {
		argument = "(hidden)" + argument[i:]
	}
	return fmt.Sprintf("%q", argument)
}

// NoArguments is for commands that take flags only: a forgotten -- must not go unnoticed.
func NoArguments(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().First() == "help" {
		return ShowHelp(cmd)
	}
	if cmd.Args().Present() {
		return UsageError(cmd, fmt.Sprintf("unexpected argument %s%s", Quoted(cmd.Args().First()), suggestFile(cmd)))
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
	return UsageError(cmd, fmt.Sprintf("unknown command %s%s", Quoted(name), suggestVerb(cmd, name)))
}
