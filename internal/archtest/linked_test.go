package archtest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// daemonModules are all that bin/fedrelay may be linked from, with why. A module in a table of
// imports may bring more along: this is what really arrives in production, where each has
// advisories to watch.
var daemonModules = []string{
	module,
	// connections
	"github.com/nats-io/nats.go", "github.com/nats-io/nkeys", "github.com/nats-io/nuid",
	"github.com/nats-io/jwt/v2", "golang.org/x/crypto", "golang.org/x/net", // credentials, SOCKS
	"github.com/valyala/bytebufferpool",  // pool
	"github.com/VictoriaMetrics/metrics", // /metrics
	"github.com/valyala/fastrand", "github.com/valyala/histogram",
	"github.com/klauspost/compress", // answers with gzip, and nats.go's WebSocket
	"go.yaml.in/yaml/v4",            // configuration
	// people
	"github.com/urfave/cli/v3", "github.com/lmittmann/tint", "github.com/mattn/go-isatty",
	// observe
	"github.com/dustin/go-humanize",
	"charm.land/bubbletea/v2", "charm.land/lipgloss/v2",
	"github.com/charmbracelet/colorprofile", "github.com/charmbracelet/ultraviolet", "github.com/charmbracelet/x/ansi",
	"github.com/charmbracelet/x/term", "github.com/charmbracelet/x/termios", "github.com/charmbracelet/x/windows", "golang.org/x/sync",
	"github.com/clipperhouse/displaywidth", "github.com/clipperhouse/uax29/v2", "github.com/mattn/go-runewidth",
	"github.com/rivo/uniseg", // widths of characters
	"github.com/lucasb-eyer/go-colorful", "github.com/muesli/cancelreader", "github.com/xo/terminfo",
	// the system
	"github.com/coreos/go-systemd/v22", "golang.org/x/sys",
	"github.com/KimMachineGun/automemlimit", "github.com/pbnjay/memory",
	// run --profile
	"github.com/pkg/profile", "github.com/felixge/fgprof", "github.com/google/pprof",
}

// linkedModules are the modules of all packages that a program consists of.
func linkedModules(t *testing.T, program string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", program)
	list.Dir = root
	list.Env = append(os.Environ(), "GOPROXY=off") // what is needed is here: this test was compiled
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	return slices.Compact(modules)
}

func TestDaemonLinksOnlyWhatItRuns(t *testing.T) {
	linked := linkedModules(t, "./cmd/fedrelay")
	for _, m := range linked {
		if !slices.Contains(daemonModules, m) {
			t.Errorf("cmd/fedrelay links %s; see go mod why -m %s", m, m)
		}
	}
	for _, m := range daemonModules {
		if !slices.Contains(linked, m) {
			t.Errorf("daemonModules names %s, which is not linked", m)
		}
	}
}

// The demo has the server that the daemon must not have. If it is not seen there, the test above
// sees nothing.
func TestDemoLinksAServer(t *testing.T) {
	if linked := linkedModules(t, "./cmd/fedrelay-demo"); !slices.Contains(linked, natsServer+"/v2") {
		t.Errorf("no server among %q", linked)
	}
}
