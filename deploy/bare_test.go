package deploy

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/tools"
)

// The programs run where there is nothing else: no shell, no certificates, no user, no network, as
// in an image made from scratch.
func TestTheBareProgram(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may change the root directory")
	}
	tools.Need(t, "unshare")
	tools.Need(t, "ip")
	root := sharedDir(t)
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", root, "../cmd/fedrelay", "../cmd/fedrelay-demo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	began := time.Now()
	bare := func(program string, args ...string) string {
		inside := `ip link set lo up && exec chroot --userspec=65532:65532 "$0" "$@"`
		args = append([]string{"--net", "--", "sh", "-c", inside, root, "/" + program}, args...)
		cmd := exec.CommandContext(t.Context(), "unshare", args...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", program, err, out)
		}
		return string(out)
	}
	if out := bare("fedrelay", "version"); !strings.HasPrefix(out, "fedrelay ") {
		t.Error(out)
	}
	if out := bare("fedrelay-demo", "--for", "3s", "--json"); !strings.Contains(out, "repl") {
		t.Error(out)
	}
	t.Logf("%s in all", time.Since(began))
}
