package deploy

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// The module starts the service, reloads what it can while the relay runs on, restarts for the
// rest, and lets a relay run that would not start again. It says so until that is mended.
func TestPuppetUnderSystemd(t *testing.T) {
	newer := deb(t, "new")
	tools.Need(t, "puppet") // the machine has the same programs
	s := &served{machine: boot(t), Networks: fedtest.StartNetworks(t, embedded.Options{})}
	command(t, "cp", newer, filepath.Join(s.root, "mnt", "fedrelay.deb"))
	command(t, "cp", "-r", "puppet", filepath.Join(s.root, "mnt", "modules"))
	s.apply(t, changed, "", "")
	s.mustBe("ActiveState", "active")
	s.mustBe("UnitFileState", "enabled")
	first := s.show("MainPID")

	s.apply(t, changed, "", "'limits' => {'targets' => 7}")
	s.until("the limit is in force", func() bool { return strings.Contains(s.said(), "limits.targets: 50000 -> 7") })
	s.mustBe("MainPID", first)

	const depth = "'pipeline' => {'depth' => 3}"
	s.apply(t, changed, "", depth)
	second := s.show("MainPID")
	if second == first {
		t.Error("the depth of the pipeline has not changed, which needs a restart")
	}
	s.write("/etc/fedrelay/password", "secret")
	s.run("chgrp", "root", "/etc/fedrelay/password") // and so the relay may not read it
	const token = "'token' => '${file:/etc/fedrelay/password}'"
	s.apply(t, failures|changed, token, depth)
	s.apply(t, failures, token, depth) // although nothing changes
	s.mustBe("MainPID", second)
	s.mustBe("ActiveState", "active")
	s.run("chgrp", "fedrelay", "/etc/fedrelay/password")
	s.apply(t, changed, token, depth)
	s.mustBe("MainPID", second)
	s.untilIs("StatusText", "ready; ")
	s.apply(t, nothingToDo, token, depth)
}

// apply runs Puppet on the machine, with more settings for the federation and others.
func (s *served) apply(t *testing.T, code int, federation, more string) {
	t.Helper()
	manifest := fmt.Sprintf("class { 'fedrelay': cluster => '%s', package_source => '/mnt/fedrelay.deb', package_provider => 'dpkg', "+
		"settings => { 'federation' => {'servers' => ['%s'], %s}, 'collective' => {'servers' => ['%s']}, "+
		"'http' => {'listen' => '127.0.0.1:0'}, 'drain' => {'replies' => '0s'}, %s } }",
		fedtest.Cluster, s.Federation.ClientURL(), federation, s.Collective.ClientURL(), more)
	said, err := s.try("puppet", "apply", "--modulepath=/mnt/modules", "--detailed-exitcodes", "-e", manifest)
	if got := exitCode(t, err); got != code {
		t.Errorf("puppet has ended with %d, not %d: %s", got, code, said)
	}
}
