package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
)

// An exit code of this program alone; the others are those of all our programs.
const exitUnconfirmed = 4 // drained, but not all copies are confirmed (--strict-drain)

const exitCodesText = `Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 stopped without
ever having been connected to both sides, 4 drained but not all confirmed (--strict-drain),
130 stopped at once by a second signal (one within a second of the first is the same).`

// report prints err the way an operator reads it, a line or a few for each mistake, and returns the
// exit code.
func report(stderr io.Writer, err error) int {
	var problems config.Problems
	if !errors.As(err, &problems) {
		return command.Tell(stderr, "fedrelay", err)
	}
	for _, p := range problems {
		fmt.Fprintf(stderr, "fedrelay: %s\n", p)
	}
	return command.WrongUsage
}
