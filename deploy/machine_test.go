package deploy

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// rootDir names the root directory of another Debian, for example with a newer systemd. Without it
// a machine has the files of this one.
const rootDir = "FEDTEST_ROOT"

// A machine is a systemd in namespaces of its own. It has the network of this machine, so that it
// reaches the servers of a test, and a throw-away copy of its files. Nobody may install anything
// here meanwhile: what changes below an overlay may appear in it.
type machine struct {
	t    *testing.T
	root string // its root directory, as seen from here
	init string // the process number of its systemd, as seen from here
}

// bootScript is run in namespaces that end with the test, and what is mounted there with them. Its
// services are those that systemd cannot do without.
const bootScript = `set -e
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=$2,upperdir=upper,workdir=work" root
mount -t cgroup2 cgroup2 /sys/fs/cgroup
rm -rf root/etc/systemd/system/*.wants root/etc/systemd/system/*.requires
: > root/etc/machine-id
echo 127.0.0.1 localhost > root/etc/hosts
exec systemd-nspawn --quiet --directory="$1/root" --boot --register=no --keep-unit --machine=fedtest --link-journal=no -- systemd.unit=basic.target`

// boot returns a machine whose systemd has started.
func boot(t *testing.T) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may boot a systemd")
	}
	tools.Need(t, "systemd-nspawn")
	group := newGroup(t)
	dir, err := os.Open(group)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	var console bytes.Buffer
	cmd := exec.Command(tools.Need(t, "unshare"), "--mount", "--pid", "--fork", "--cgroup", "--mount-proc", "--kill-child",
		"sh", "-c", bootScript, "sh", t.TempDir(), cmp.Or(os.Getenv(rootDir), "/"))
	cmd.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	cmd.Stdout, cmd.Stderr = &console, &console
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd()), Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // fails if it has ended
		_ = cmd.Wait()         // it was killed
		if t.Failed() {
			t.Logf("the console:\n%s", &console)
		}
	})
	m := &machine{t: t}
	m.until("systemd starts", func() bool { return m.find(group) })
	m.until("systemd has booted", func() bool {
		said, _ := m.try("systemctl", "is-active", "basic.target") // fails before that
		return strings.HasPrefix(said, "active")
	})
	return m
}

// newGroup makes a control group that is gone after the test.
func newGroup(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\S+ (\S+) cgroup2 `).FindSubmatch(mounts)
	if found == nil {
		t.Fatal("no cgroup2 is mounted, without which there is no systemd")
	}
	group, err := os.MkdirTemp(string(found[1]), "fedtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fedtest.Eventually(t, "the control groups are empty", func() bool { return removeGroups(group) })
	})
	return group
}

// removeGroups removes a control group and those in it, and says whether they are gone. A group
// with processes stays.
func removeGroups(group string) bool {
	all, err := os.ReadDir(group)
	for _, inside := range all {
		if inside.IsDir() {
			removeGroups(filepath.Join(group, inside.Name()))
		}
	}
	if err == nil {
		err = os.Remove(group)
	}
	return err == nil || errors.Is(err, fs.ErrNotExist)
}

// find finds systemd by its control group.
func (m *machine) find(group string) bool {
	pids, err := os.ReadFile(filepath.Join(group, "payload", "init.scope", "cgroup.procs"))
	m.init, _, _ = strings.Cut(string(pids), "\n")
	m.root = filepath.Join("/proc", m.init, "root")
	return err == nil && m.init != ""
}

// until asks less often than Eventually, because each question is a process.
func (m *machine) until(what string, ok func() bool) {
	m.t.Helper()
	fedtest.Within(m.t, fedtest.Patience, 50*time.Millisecond, what, ok)
}

// try runs a program on the machine.
func (m *machine) try(args ...string) (said string, err error) {
	enter := []string{"--target", m.init, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--"}
	cmd := exec.Command(tools.Need(m.t, "nsenter"), append(enter, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *machine) run(args ...string) string {
	m.t.Helper()
	said, err := m.try(args...)
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return said
}

// write writes a file as the documentation wants files of a relay: its group may read them.
func (m *machine) write(path, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.root, path), []byte(text), 0o640); err != nil {
		m.t.Fatal(err)
	}
	m.run("chgrp", "fedrelay", path)
}
