package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"
)

// inWords says what is wrong with a flag's value. What our own validators say stays; what Go's
// parsers say is about Go.
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
