package main

import (
	"path/filepath"
	"strings"

	"github.com/fedrelay/fedrelay/benchmarks/trial"
)

// subject begins the names of those that the others are compared with.
const subject = "fedrelay"

// variants are the ways to run this repository's relay. What a variant puts in front of the command line or behind it makes the
// difference.
var variants = []struct {
	name   string
	before []string
	behind []string
}{
	{name: subject},
	{name: subject + "-portable", before: []string{"env", "FEDRELAY_PIPELINE_PORTABLE=true"}},
}

// contestants are who takes part. self is this program, relay the one to be measured, peer another relay's command or empty.
func contestants(self, relay, peer string) []trial.Contestant {
	all := []trial.Contestant{
		{Name: "floor", Command: []string{self, "floor", "{fed}", "{col}"}},
		{Name: "plain", Command: []string{self, "plain", "{fed}", "{col}"}},
		{Name: "direct"},
	}
	for _, v := range variants {
		command := append(v.before, relay, "run", "--cluster", "{cluster}", "--federation", "nats://{fed}", "--collective", "nats://{col}",
			"--http", "off", "--log-level", "error")
		all = append(all, trial.Contestant{Name: v.name, Command: append(command, v.behind...)})
	}
	if words := strings.Fields(peer); len(words) > 0 {
		all = append(all, trial.Contestant{Name: programName(words), Command: words})
	}
	return all
}

// ours are the contestants that need no peer.
var ours = func() (names []string) {
	for _, c := range contestants("", "", "") {
		names = append(names, c.Name)
	}
	return names
}()

// programName is that of a program or of a shell's script.
func programName(words []string) string {
	if name := filepath.Base(words[0]); len(words) == 1 || name != "sh" && name != "bash" {
		return name
	}
	return strings.TrimSuffix(filepath.Base(words[1]), ".sh")
}
