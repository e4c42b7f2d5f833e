package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// inWords says what is wrong with a flag's value. What our own validators say stays; what Go's parsers say is about Go.
func inWords(flag cli.Flag, value, why string) string {
	switch {
	case why == "can't duplicate this flag":
		return "is a second one; give one"
	case strings.Contains(why, "value out of range"):
		return "is too large a number"
	case !strings.HasPrefix(why, "strconv.") && !strings.HasPrefix(why, "time: ") && why != "parse error":
		return why
	}
	switch flag.(type) {
	case *cli.IntFlag:
		return "want a whole number, in digits only"
	case *cli.Uint64Flag:
		return "want a whole number from 0 on, in digits only"
	case *cli.FloatFlag:
		return "want a number such as 10 or 0.5"
	case *cli.DurationFlag:
		return durationInWords(value)
	case *cli.BoolFlag:
		return "want true or false, or the flag alone"
	}
	return why
}

func durationInWords(value string) string {
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return fmt.Sprintf("has no unit; write %ss for seconds", value)
	}
	return "want a duration such as 500ms, 30s or 5m"
}

func flagNamed(cmd *cli.Command, name string) cli.Flag {
	i := slices.IndexFunc(cmd.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return cmd.Flags[i]
}

// suggestFlag names the flag that is like an unknown one, or those that end with it, as --fed-creds and --col-creds do.
func suggestFlag(cmd *cli.Command, flag string) string {
	name := strings.TrimLeft(flag, "-")
	if len(name) < 2 {
		return ""
	}
	var names, endings []string
	for _, f := range cmd.Flags {
		names = append(names, f.Names()[0])
		if strings.HasSuffix(f.Names()[0], "-"+name) || strings.HasSuffix(f.Names()[0], "-tls"+name) {
			endings = append(endings, "--"+f.Names()[0])
		}
	}
	if n := suggest.Nearest(name, names); n != "" {
		return fmt.Sprintf(" (did you mean --%s?)", n)
	}
	if len(endings) > 0 {
		return fmt.Sprintf(" (did you mean %s?)", strings.Join(endings, " or "))
	}
	return ""
}

// suggestVerb names the verb that is like an unknown one, else all there are.
func suggestVerb(cmd *cli.Command, name string) string {
	var names []string
	for _, c := range cmd.VisibleCommands() {
		names = append(names, c.Name)
	}
	if n := suggest.Nearest(name, names); n != "" {
		return fmt.Sprintf(" (did you mean %q?)", n)
	}
	return fmt.Sprintf(" (want %s)", strings.Join(names, ", "))
}
