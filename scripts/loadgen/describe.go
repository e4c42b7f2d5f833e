package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/lab"
)

// describe fills in what only the command line knows, and the settings that were used. Those of
// nodes in another process come from there.
func describe(cmd *cli.Command, result *lab.Result) {
	m, o := &result.Run.Meta, &result.Options
	m.Version = version
	for _, arg := range os.Args {
		m.Command = append(m.Command, withoutSecrets(arg))
	}
	m.Relay = withoutSecrets(m.Relay)
	m.Settings = settings(cmd)
	for name, value := range map[string]int{"nodes": o.Nodes, "connections": o.Connections, "targets": o.Load.Targets, "requests": o.Load.Plan.Requests} {
		m.Settings[name] = strconv.Itoa(value)
	}
	m.Settings["rate"] = fmt.Sprint(o.Load.Plan.Rate)
	if o.NodesFrom != "" {
		b := o.Load.Behaviour
		delete(m.Settings, "connections")
		m.Settings["delay"], m.Settings["loss"] = b.Delay.String(), fmt.Sprint(b.Loss)
		m.Settings["slow"], m.Settings["slow-times"] = fmt.Sprint(b.Slow), fmt.Sprint(b.SlowTimes)
		m.Settings["protocol"] = fmt.Sprintf("v%d", o.Load.Version)
	}
	if cmd.String("fed") == "" {
		m.Settings["servers"] = "in this process: their CPU time is the generator's"
	}
	// These do not change the run.
	for _, name := range []string{"json", "np", "output", "threshold", "yes-really", "pid", "exec"} {
		delete(m.Settings, name)
	}
}

var (
	// schemeInfo matches the user info of a URL, and of all before it in a list.
	schemeInfo = regexp.MustCompile(`://\S*@`)
	// userInfo matches that of an address without a scheme.
	userInfo = regexp.MustCompile(`[^\s"'=/]+@`)
)

func withoutSecrets(text string) string {
	return userInfo.ReplaceAllString(schemeInfo.ReplaceAllString(text, "://"), "")
}

// settings are all flags of a verb with their values.
func settings(cmd *cli.Command) map[string]string {
	all := map[string]string{}
	for _, f := range cmd.Flags {
		name := f.Names()[0]
		if value := fmt.Sprint(cmd.Value(name)); name != "help" && value != "" && value != "[]" {
			all[name] = withoutSecrets(value)
		}
	}
	return all
}
