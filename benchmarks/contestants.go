package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/benchmarks/trial"
	"github.com/fedrelay/fedrelay/internal/report"
)

// subject is the contestant that all this is about. Names of its variants begin with it.
const subject = "fedrelay"

// variants are the ways to run the relay of this repository. They differ in what stands in its
// environment.
var variants = []struct {
	name        string
	environment []string
	aside       bool
}{
	{name: subject},
	{name: subject + report.Again},
	{name: subject + "-portable", environment: []string{"FEDRELAY_PIPELINE_PORTABLE=true"}, aside: true},
}

// contestants are all that can take part. self is the path of this program, relay that of the relay
// to be measured, and peer the command line of another relay, or empty.
func contestants(self, relay, peer string) []trial.Contestant {
	all := []trial.Contestant{
		{Name: "floor", Command: append([]string{self, "floor"}, relayArguments...)},
		{Name: "plain", Command: append([]string{self, "plain"}, relayArguments...), Aside: true},
		{Name: "direct"},
	}
	for _, v := range variants {
		command := slices.Concat(
			[]string{"env", "FEDRELAY_FEDERATION_TLS_CA={ca}", "FEDRELAY_COLLECTIVE_TLS_CA={ca}"}, v.environment,
			[]string{relay, "run", "--cluster", "{cluster}", "--federation", "{scheme}://{fed}", "--collective", "{scheme}://{col}"},
			[]string{"--http", "{http}", "--log-level", "error"},
		)
		all = append(all, trial.Contestant{Name: v.name, Command: command, Aside: v.aside})
	}
	if words := strings.Fields(peer); len(words) > 0 {
		all = append(all, trial.Contestant{Name: peerName(words, all), Command: words})
	}
	return all
}

// ours are the names of all contestants but the peer.
var ours = func() (names []string) {
	for _, c := range contestants("", "", "") {
		names = append(names, c.Name)
	}
	return names
}()

// peerName is what a peer is called: by its program, but never as one of ours. The figures of two
// contestants with one name would be mixed.
func peerName(words []string, taken []trial.Contestant) string {
	name := programName(words)
	if slices.ContainsFunc(taken, func(c trial.Contestant) bool { return c.Name == name }) {
		return "peer-" + name
	}
	return name
}

// programName is the name of a program, or of the script that a shell is to run. What env sets
// stands in front of it.
func programName(words []string) string {
	if words[0] == "env" && len(words) > 1 {
		words = words[1:]
		for len(words) > 1 && strings.Contains(words[0], "=") {
			words = words[1:]
		}
	}
	if name := filepath.Base(words[0]); len(words) == 1 || name != "sh" && name != "bash" {
		return name
	}
	return strings.TrimSuffix(filepath.Base(words[1]), ".sh")
}
