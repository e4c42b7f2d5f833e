package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/tools"
)

// What systemd says of the unit, but for what only a later version knows and the program that is
// not installed here.
func TestSystemdTakesTheUnit(t *testing.T) {
	tools.Need(t, "systemd-analyze")
	text, err := os.ReadFile("systemd/fedrelay.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "fedrelay.service")
	tried := strings.NewReplacer("/usr/bin/fedrelay", "/bin/true", "Documentation=man:fedrelay(1) ", "Documentation=").Replace(string(text))
	if err := os.WriteFile(unit, []byte(tried), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(command(t, "systemd-analyze", "verify", unit), "\n") {
		if strings.Contains(line, "fedrelay") && !strings.Contains(line, "notify-reload") {
			t.Error(line)
		}
	}
	said := command(t, "systemd-analyze", "security", "--offline=true", "--threshold=20", unit)
	if !strings.Contains(said, "OK") {
		t.Errorf("less than 2.0 is wanted: %s", said)
	}
}
