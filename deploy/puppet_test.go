package deploy

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// What puppet apply means by its exit code, with --detailed-exitcodes.
const (
	nothingToDo = 0
	changed     = 2
	failures    = 4
)

// The module installs the package, writes a configuration that works, changes nothing when nothing
// has changed, and never puts a bad configuration in the place of a good one.
func TestThePuppetModule(t *testing.T) {
	n, source := fedtest.StartNetworks(t, embedded.Options{}), deb(t, "new")
	t.Cleanup(func() { command(t, "dpkg", "-P", "fedrelay") })
	declare := func(settings string) (code int, said string) {
		return puppetApply(t, fmt.Sprintf("class { 'fedrelay': cluster => '%s', package_source => '%s', package_provider => 'dpkg', "+
			"service_manage => false, settings => { 'federation' => {'servers' => ['%s']}, 'collective' => {'servers' => ['%s']}, "+
			"'http' => {'listen' => '127.0.0.1:0'}, 'drain' => {'replies' => '0s'}%s } }",
			fedtest.Cluster, source, n.Federation.ClientURL(), n.Collective.ClientURL(), settings))
	}
	if code, said := declare(""); code != changed {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if code, said := declare(""); code != nothingToDo {
		t.Errorf("a second run changes something (%d): %s", code, said)
	}
	const file = "/etc/fedrelay/fedrelay.yaml"
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if code, said := declare(", 'limits' => {'tragets' => 5}"); code <= changed || !strings.Contains(said, "tragets") {
		t.Errorf("a mistake gives exit code %d: %s", code, said)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("a mistake came into force: %v %s", err, after)
	}
	r := startInstalled(t, file)
	traffic := startTraffic(t, n)
	traffic.more(100)
	traffic.end()
	r.stop(t)
	if said := puppet(t, "facts", "show", "fedrelay"); !strings.Contains(said, "choria.federation."+fedtest.Cluster+".federation") {
		t.Errorf("the fact is %s", said)
	}
}

func puppetApply(t *testing.T, manifest string) (code int, said string) {
	t.Helper()
	out, err := puppetCommand(t, "apply", "--detailed-exitcodes", "-e", manifest).CombinedOutput()
	return exitCode(t, err), string(out)
}

// exitCode is for what ends with many of them.
func exitCode(t *testing.T, err error) int {
	t.Helper()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return ended.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return 0
}

func puppet(t *testing.T, args ...string) string {
	t.Helper()
	out, err := puppetCommand(t, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func puppetCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	modules, err := filepath.Abs("puppet")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tools.Need(t, "puppet"), append(args, "--modulepath", modules)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	return cmd
}
