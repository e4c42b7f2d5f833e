//go:build !manpages

package main

import "github.com/urfave/cli/v3"

// commandsOfBuild returns the verbs that only some builds have: none.
func commandsOfBuild() []*cli.Command { return nil }
