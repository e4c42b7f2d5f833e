package docs

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programsDir is where build puts what the blocks call. TestMain makes and removes it.
var programsDir string

func TestMain(m *testing.M) {
	var err error
	if programsDir, err = os.MkdirTemp("", "fedrelay-docs"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(programsDir)
	os.Exit(code)
}

var build = sync.OnceValue(func() error {
	cmd := exec.Command("go", "build", "-race=false", "-buildvcs=false", "-o", programsDir,
		"../cmd/fedrelay", "../cmd/fedrelay-demo", "../scripts/loadgen", "github.com/nats-io/nats-server/v2")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(programsDir, "nats-server")); err == nil {
		return nil
	}
	return os.Rename(filepath.Join(programsDir, "v2"), filepath.Join(programsDir, "nats-server"))
})

// All commands of a document run, one behind the other, in an empty directory.
func TestEachCommandRuns(t *testing.T) {
	ran := 0
	for _, file := range documents(t) {
		script := scriptOf(t, file)
		if script == "" {
			continue
		}
		ran++
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			runScript(t, script)
		})
	}
	if ran < 3 {
		t.Errorf("only %d documents have commands", ran)
	}
}

func scriptOf(t *testing.T, file string) (script string) {
	t.Helper()
	for _, b := range blocks(t, file, "sh") {
		switch why, not := strings.CutPrefix(b.info, "sh not run: "); {
		case not && why == "", !not && b.info != "sh":
			t.Errorf("%s:%d: %q: why is it not run?", b.file, b.line, b.info)
		case !not:
			script += fmt.Sprintf("echo '== %s:%d' >&2\n%s", filepath.Base(b.file), b.line, b.text)
		}
	}
	return script
}

// mostTime is how long the commands of one document may take.
const mostTime = time.Minute

// runScript runs a script, and ends what it has left in the background.
func runScript(t *testing.T, script string) {
	if err := build(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), mostTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", withFreePorts(t, script))
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "PATH="+programsDir+":"+os.Getenv("PATH"), "HOME="+cmd.Dir, "NO_COLOR=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	log, err := os.Create(filepath.Join(t.TempDir(), "log")) // what stays behind would hold a pipe
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Run()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // fails if nothing is left
	if err != nil {
		said, _ := os.ReadFile(log.Name())
		t.Errorf("%v\n%s", err, said)
	}
}

// port is a port of a server of ours in a document.
var port = regexp.MustCompile(`\b(4[2-5]\d\d|8[2-5]\d\d)\b`)

// withFreePorts replaces each port by a free one, so that documents can run beside each other.
func withFreePorts(t *testing.T, script string) string {
	t.Helper()
	ports := map[string]string{}
	var taken []net.Listener // until all are known, or a port would be given twice
	defer func() {
		for _, l := range taken {
			l.Close()
		}
	}()
	return port.ReplaceAllStringFunc(script, func(p string) string {
		if ports[p] == "" {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			taken = append(taken, l)
			_, ports[p], _ = net.SplitHostPort(l.Addr().String())
		}
		return ports[p]
	})
}
