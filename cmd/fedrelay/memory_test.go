package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// smallMemory is what the process may use, in bytes.
const smallMemory = 40 << 20

// A relay in 40 MiB that can get rid of nothing reads until its paths hold what they may, and
// lives.
func TestARelayInLittleMemoryIsNotKilled(t *testing.T) {
	program := buildProgram(t)
	for _, c := range []overrunCase{
		{10, 1, 12 << 20}, {900_000, 3, 48 << 20}, {500, 2000, 8 << 20},
	} {
		t.Run(fmt.Sprintf("%d bytes to %d", c.bytes, c.targets), func(t *testing.T) { overrun(t, program, c) })
	}
}

// buildProgram makes the program itself: the test binary needs more memory, and with the race
// detector many times as much.
func buildProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fedrelay")
	build := exec.CommandContext(t.Context(), "go", "build", "-race=false", "-buildvcs=false", "-o", path, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// An overrunCase is a flood, in bytes, of requests with so many bytes of text and so many targets,
// and one of as large replies.
type overrunCase struct{ bytes, targets, flood int }

func overrun(t *testing.T, program string, c overrunCase) {
	n := fedtest.StartNetworks(t, embedded.Options{Tune: patient})
	federation, collective := fedtest.NewProxy(t, n.Federation), fedtest.NewProxy(t, n.Collective)
	cmd, environ := inLittleMemory(t, program, "run", "--cluster", fedtest.Cluster,
		"--federation", federation.URL(), "--collective", collective.URL(), "--drain-replies", "0s", "--drain-timeout", "90s")
	u := launchUnread(t, n, cmd, environ...)
	federation.Hold(fedtest.ToServer)
	collective.Hold(fedtest.ToServer)
	text := strings.Repeat("QUJD", c.bytes/4)
	u.flood(c.flood, strings.Replace(fedtest.Request("r1", fedtest.Nodes(c.targets)...), "aGVsbG8=", text, 1),
		strings.Replace(fedtest.Reply("r1", strings.Repeat("n", c.targets*20)), "aGVsbG8=", text, 1))
	most := u.watch("fedrelay_messages_received_total")
	federation.Release(fedtest.ToServer)
	collective.Release(fedtest.ToServer)
	most = max(most, u.watch("fedrelay_messages_received_total"))
	t.Logf("%d MiB at most, with %v", most>>20, environ)
	if most > smallMemory {
		t.Errorf("it had %d bytes", most)
	}
	u.stop(syscall.SIGTERM)
	if code := u.end(); code != command.Done {
		t.Errorf("exit code %d, %s", code, u.ProcessState)
	}
}

// patient has a server hold everything for as long as it takes.
func patient(o *server.Options) { o.MaxPending, o.WriteDeadline = 1<<30, 5*time.Minute }

// inLittleMemory is a command line in a control group, or where none can be made, with GOMEMLIMIT
// set.
func inLittleMemory(t *testing.T, program string, args ...string) (cmd *exec.Cmd, environ []string) {
	t.Helper()
	cmd = exec.Command(program, args...)
	cmd.Env = os.Environ()
	for _, group := range []struct{ root, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		name := strings.NewReplacer("/", "-", " ", "-").Replace(t.Name())
		dir := filepath.Join(group.root, fmt.Sprintf("fedrelay-test-%d-%s", os.Getpid(), name))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(dir) })
		if os.WriteFile(filepath.Join(dir, group.limit), []byte(strconv.Itoa(smallMemory)), 0) == nil {
			procs := filepath.Join(dir, "cgroup.procs")
			cmd.Args = append([]string{"sh", "-c", `echo $$ > "$0" && exec "$@"`, procs, program}, args...)
			cmd.Path = "/bin/sh"
			return cmd, nil
		}
	}
	return cmd, []string{fmt.Sprintf("GOMEMLIMIT=%d", smallMemory*9/10)}
}

// flood publishes requests on the federation and replies on the collective.
func (u *unread) flood(bytes int, request, reply string) {
	u.t.Helper()
	for sent := 0; sent < bytes; sent += len(request) {
		if err := u.federation.Publish(fedtest.FederationSubject, []byte(request)); err != nil {
			u.t.Fatal(err)
		}
	}
	for sent := 0; sent < bytes; sent += len(reply) {
		if err := u.collective.Publish(fedtest.CollectiveSubject, []byte(reply)); err != nil {
			u.t.Fatal(err)
		}
	}
	u.federation.Sync()
	u.collective.Sync()
}

// watch returns how much memory the process has at most, until a metric has not changed for a
// while.
func (u *unread) watch(metric string) (most int) {
	u.t.Helper()
	const calm, every = 20, 50 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for last, same := "", 0; same < calm; same++ {
		most = max(most, u.anonymous())
		if now := linesWith(u.get("/metrics"), metric); now != last {
			last, same = now, 0
		}
		<-tick.C
	}
	return most
}

func linesWith(text, name string) (found string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name) {
			found += line
		}
	}
	return found
}

// anonymous is how much memory the process has, besides files that are mapped, in bytes.
func (u *unread) anonymous() int {
	u.t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", u.Process.Pid))
	if err != nil {
		u.t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kB int
		if _, err := fmt.Sscanf(lines.Text(), "RssAnon: %d kB", &kB); err == nil {
			return kB << 10
		}
	}
	u.t.Fatal("no RssAnon")
	return 0
}
