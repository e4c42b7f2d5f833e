package command

import (
	"regexp"
	"strings"

	"github.com/urfave/cli/v3"
)

// The library shows a flag that may be given again as "--x URL [ --x URL ]". That is too wide for a
// terminal.
func init() {
	again := regexp.MustCompile(`( \S+) \[ --\S+ \S+ \]`)
	long := cli.FlagStringer
	cli.FlagStringer = func(f cli.Flag) string { return again.ReplaceAllString(long(f), "$1 ...") }
}

// HelpFirst makes "help run", as other programs have it, what the library understands: "run
// --help". A verb that there is not stands alone then, or its flags would be what is unknown, and
// not the verb. Other arguments stay.
func HelpFirst(root *cli.Command, args []string) []string {
	var verbs []string
	switch last := len(args) - 1; {
	case last >= 1 && args[1] == "help":
		verbs = args[2:]
	case last >= 2 && (args[last] == "--help" || args[last] == "-h"):
		verbs = args[1:last]
	case last >= 1 && args[last] == completing:
		return args
	default:
		if verbs = wordsBeforeFlags(args[1:]); areVerbs(root, verbs) {
			return args
		}
	}
	if !areVerbs(root, verbs) {
		return append(args[:1:1], verbs...)
	}
	return append(append(args[:1:1], verbs...), "--help")
}

// completing is what a shell appends to an unfinished command line.
const completing = "--generate-shell-completion"

func wordsBeforeFlags(args []string) []string {
	for i, a := range args {
		if strings.HasPrefix(a, "-") {
			return args[:i]
		}
	}
	return args
}

// areVerbs reports whether root has these verbs, or will have: the library adds that of the
// completions when it runs. Flags and arguments are left to the library.
func areVerbs(root *cli.Command, verbs []string) bool {
	c := root
	for _, v := range verbs {
		next := c.Command(v)
		if next == nil {
			completion := c == root && root.EnableShellCompletion && v == "completion"
			return completion || len(c.Commands) == 0 || strings.HasPrefix(v, "-")
		}
		c = next
	}
	return true
}

// ShowHelp prints the help of a verb that has its own template.
func ShowHelp(cmd *cli.Command) error {
	cli.HelpPrinter(cmd.Root().Writer, cmd.CustomHelpTemplate, cmd)
	return Exit(Done, nil)
}

// WithExamples ends a help text with commands to copy.
func WithExamples(template, examples string) string {
	return template + "\nEXAMPLES:\n   " + strings.ReplaceAll(examples, "\n", "\n   ") + "\n"
}
