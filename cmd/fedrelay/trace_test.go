package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/state"
)

// One node answers, another is not there.
func TestTraceSaysWhetherANodeAnswers(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	fedtest.StartProcess(t, n.Config(), nil)
	roster, err := fleet.NewRoster([]string{"web1.example.net"})
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := fleet.StartNodes(fleet.NodesOptions{URL: n.Collective.ClientURL(), Roster: roster})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nodes.Close)
	trace := func(node string, more ...string) (stdout, stderr string, code int) {
		var out, said strings.Builder
		cmd := child(t, append([]string{"trace", node, "--cluster", fedtest.Cluster, "--federation", n.Federation.ClientURL()}, more...)...)
		cmd.Stdout, cmd.Stderr = &out, &said
		_ = cmd.Run() // the exit code is looked at
		return out.String(), said.String(), cmd.ProcessState.ExitCode()
	}

	out, said, code := trace("web1.example.net", "--timeout", "10s")
	if code != command.Done || !strings.Contains(out, "london: web1.example.net answered in ") || !strings.Contains(said, "not signed") {
		t.Errorf("%d: %s%s", code, out, said)
	}
	// As explain lists it, to be copied.
	if out, said, code = trace("mcollective.node.web1.example.net", "--timeout", "10s"); code != command.Done || !strings.Contains(out, "london: web1.example.net answered in ") {
		t.Errorf("%d: %s%s", code, out, said)
	}
	out, said, code = trace("web9.example.net", "--timeout", "500ms", "--json")
	var document state.Trace
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		t.Fatalf("%v in %s%s", err, out, said)
	}
	if v := document.Clusters[0]; code != command.Failed || v.Outcome == state.Answered || !strings.Contains(said, `"web9.example.net" has not answered through cluster london`) {
		t.Errorf("%d, %s: %s", code, v.Outcome, said)
	}
}
