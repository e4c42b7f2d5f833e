package deploy

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/uplot"
)

// The RPM is installed, upgraded and removed as on a system of its own: with real scripts, a user,
// and a configuration that stays. That systemd fails stops none of it.
func TestTheRPMPackage(t *testing.T) {
	older, newer := packaged(t, "old", "*.rpm"), packaged(t, "new", "*.rpm")
	if said := command(t, "rpm", "-qp", "--qf", "%{BUILDHOST}", older); said != "fedrelay" {
		t.Errorf("it depends on where it is built: %s", said)
	}
	r := newRoot(t)
	r.rpm("--install", older)
	r.hasAsked("an installation", "daemon-reload, try-restart fedrelay.service")
	if said := r.rpm("--verify", "fedrelay"); said != "" {
		t.Errorf("files are not as they should be: %s", said)
	}
	r.mode("etc/fedrelay", 0o750)
	r.mode("etc/fedrelay/fedrelay.yaml", 0o640)
	r.mustHaveFiles()
	if said := r.read("usr/share/doc/fedrelay/sbom.cdx.json"); !strings.Contains(said, `"purl": "pkg:npm/uplot@`+uplot.Version+`"`) {
		t.Error("the list of what is inside lacks what is embedded")
	}

	n := fedtest.StartNetworks(t, embedded.Options{})
	config := fmt.Sprintf("cluster: %s\nfederation: {servers: [%q]}\ncollective: {servers: [%q]}\n", fedtest.Cluster, n.Federation.ClientURL(), n.Collective.ClientURL())
	r.write("etc/fedrelay/fedrelay.yaml", config)
	if said := r.run("check", "--connect", "/etc/fedrelay/fedrelay.yaml"); !strings.Contains(said, "OK") {
		t.Error(said)
	}
	before := r.run("version")
	r.rpm("--upgrade", newer)
	r.hasAsked("an upgrade", "daemon-reload, try-restart fedrelay.service, daemon-reload")
	if after := r.run("version"); before == after {
		t.Errorf("both are version %s", after)
	}
	if kept := r.read("etc/fedrelay/fedrelay.yaml"); kept != config {
		t.Errorf("an upgrade changes the configuration: %s", kept)
	}
	r.mode("etc/fedrelay/fedrelay.yaml", 0o640)

	r.rpm("--erase", "fedrelay")
	r.hasAsked("a removal", "disable --now fedrelay.service, daemon-reload")
	if _, err := os.Stat(r.path(installed)); err == nil {
		t.Error("removed, but still there")
	}
	if kept := r.read("etc/fedrelay/fedrelay.yaml.rpmsave"); kept != config {
		t.Errorf("a removal changes the configuration: %s", kept)
	}
	r.rpm("--install", newer) // the user is there already
}

// mustHaveFiles fails unless files are where RPM's distributions look for them.
func (r *root) mustHaveFiles() {
	r.t.Helper()
	said := command(r.t, "rpm", "--root", r.dir, "--query", "--qf", `[%{FILEFLAGS:fflags} %{FILENAMES}\n]`, "fedrelay")
	for _, line := range []string{
		"cn /etc/fedrelay/fedrelay.yaml", "cn /etc/default/fedrelay", " /usr/lib/systemd/system/fedrelay.service",
		" /usr/share/man/man1/fedrelay-run.1.gz", " /usr/share/bash-completion/completions/fedrelay",
		" /usr/share/zsh/site-functions/_fedrelay", " /usr/share/fish/vendor_completions.d/fedrelay.fish",
		"l /usr/share/licenses/fedrelay/LICENSE", "l /usr/share/licenses/fedrelay/LICENSES.txt", " /usr/share/doc/fedrelay/sbom.cdx.json",
	} {
		if !strings.Contains("\n"+said, "\n"+line+"\n") {
			r.t.Errorf("%q is not in\n%s", line, said)
		}
	}
}
