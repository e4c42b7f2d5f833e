package tools

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Tmux is a terminal inside tmux, which draws as a real one does.
type Tmux struct {
	t          testing.TB
	path, sock string
}

// StartTmux runs a command in a new terminal of a size. It ends with the test.
func StartTmux(t testing.TB, columns, rows int, env []string, command ...string) *Tmux {
	t.Helper()
	tm := &Tmux{t: t, path: Need(t, "tmux"), sock: t.TempDir() + "/tmux"}
	args := []string{"-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows)}
	for _, e := range env {
		args = append(args, "-e", e)
	}
	tm.run(append(append(args, "--"), command...)...)
	t.Cleanup(func() {
		_ = exec.Command(tm.path, "-S", tm.sock, "kill-server").Run() // it may have ended
	})
	return tm
}

func (tm *Tmux) run(args ...string) string {
	tm.t.Helper()
	out, err := exec.Command(tm.path, append([]string{"-S", tm.sock}, args...)...).CombinedOutput()
	if err != nil {
		tm.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// Keys presses keys, with the names that tmux has for them.
func (tm *Tmux) Keys(keys ...string) { tm.run(append([]string{"send-keys"}, keys...)...) }

// Resize changes the size of the terminal.
func (tm *Tmux) Resize(columns, rows int) {
	tm.run("resize-window", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows))
}

// Screen returns what the terminal shows, line by line. A line that went on in the next one because
// it was too long counts as one if joined is set.
func (tm *Tmux) Screen(joined bool) []string {
	args := []string{"capture-pane", "-p"}
	if joined {
		args = append(args, "-J")
	}
	lines := strings.Split(strings.TrimSuffix(tm.run(args...), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}
