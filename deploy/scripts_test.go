package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A relay that does not start again, for example because its configuration has become wrong, must
// not leave the package half installed, or make it impossible to remove.
func TestPackageScriptsLeaveTheServiceToSystemd(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	failing := "#!/bin/sh\necho \"$*\" >> " + log + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte(failing), 0o755); err != nil {
		t.Fatal(err)
	}
	for script, c := range map[string]struct{ arg, asked string }{
		"postinstall.sh": {"configure", "try-restart"}, "preremove.sh": {"remove", "disable --now"},
		"postremove.sh": {"remove", "daemon-reload"},
	} {
		text, err := os.ReadFile(filepath.Join("packages", script))
		if err != nil {
			t.Fatal(err)
		}
		here := strings.ReplaceAll(string(text), "/run/systemd/system", dir)
		cmd := exec.Command("sh", "-s", "--", c.arg)
		cmd.Stdin, cmd.Env = strings.NewReader(here), append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		if asked, _ := os.ReadFile(log); !strings.Contains(string(asked), c.asked) {
			t.Errorf("%s has asked systemd for %q", script, asked)
		}
	}
}
