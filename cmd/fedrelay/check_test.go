package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/preflight"
)

// checkOutput runs fedrelay check --connect, and returns what it prints and its exit code.
func checkOutput(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd := child(t, append([]string{"check", "--connect", "--cluster", "london"}, args...)...)
	out, err := cmd.Output()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestCheckConnects(t *testing.T) {
	mute := &server.User{Username: "mute", Password: "pw", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{"$SYS.>"}},
	}}
	n := fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{Users: []*server.User{mute, {Username: "good", Password: "pw"}}}),
		Collective: fedtest.StartServer(t, embedded.Options{}),
	}
	sides := []string{"--federation", n.Federation.ClientURL(), "--collective", n.Collective.ClientURL(), "--fed-password", "pw", "--fed-user"}
	out, code := checkOutput(t, append(sides, "good")...)
	if code != 0 || !strings.Contains(out, "\n  OK  may publish to *.reply.>\n") || !strings.HasSuffix(out, " passed\n") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	out, code = checkOutput(t, append(sides, "mute")...)
	if code != 1 || !strings.Contains(out, "is denied by the server") || !strings.Contains(out, `publish:   { allow: ["*.reply.>"] }`) {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	out, code = checkOutput(t, append(sides, "mute", "--json")...)
	var r preflight.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 1 || r.Level != preflight.Critical || !r.Connected || r.Cluster != "london" {
		t.Errorf("exit code %d, %v:\n%s", code, err, out)
	}
	if strings.Contains(out, "\x1b") {
		t.Error("escape sequences")
	}
}

// --wait tries until nothing fails.
func TestCheckWaits(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	n.Collective.Stop()
	cmd := child(t, "check", "--connect", "--wait", "30s", "--cluster", "london", "--format", "nagios",
		"--federation", n.Federation.ClientURL(), "--collective", n.Collective.ClientURL())
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		_ = cmd.Wait()
	}()
	fedtest.Eventually(t, "it has connected once", func() bool {
		names, err := n.Federation.Connz()
		return err == nil && len(names) > 0
	})
	if err := n.Collective.Restart(); err != nil {
		t.Fatal(err)
	}
	<-seen
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(out.String(), "FEDRELAY WARNING - ") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}

// One network that is meant to be one is no reason for a service to be yellow for ever.
func TestOneNetworkOnPurposeIsWell(t *testing.T) {
	one := fedtest.StartServer(t, embedded.Options{})
	node := fedtest.Connect(t, one)
	for _, subject := range []string{"mcollective.broadcast.agent.discovery", fedtest.Node("n1")} {
		if _, err := node.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
	}
	if err := node.Flush(); err != nil {
		t.Fatal(err)
	}
	settings := (&fedtest.Networks{Federation: one, Collective: one}).Config()
	settings.OneNetwork = true
	fedtest.StartRelay(t, settings)
	args := []string{"--federation", one.ClientURL(), "--collective", one.ClientURL(), "--format", "nagios"}
	for value, code := range map[string]int{"false": 1, "true": 0} {
		t.Setenv("FEDRELAY_ONE_NETWORK", value)
		out, got := checkOutput(t, args...)
		if got != code || strings.Contains(out, "one network on both sides") != (code == 1) {
			t.Errorf("%s: exit code %d: %s", value, got, out)
		}
	}
}
