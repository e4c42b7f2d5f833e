package deploy

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// packagesDir names the directory with packages in old/ and new/, and in stage/ what the new ones
// are made of. Without it this machine is left alone, because the tests install them here.
const packagesDir = "FEDTEST_PACKAGES"

func packages(t *testing.T) string {
	t.Helper()
	dir := os.Getenv(packagesDir)
	if dir == "" {
		t.Skip(packagesDir + " is not set: make check-packages builds packages, and installs them on this machine")
	}
	return dir
}

func deb(t *testing.T, age string) string { return packaged(t, age, "*.deb") }

func packaged(t *testing.T, age, kind string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(packages(t), age, kind))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s %s: %v %v", age, kind, found, err)
	}
	return found[0]
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(tools.Need(t, name), args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

const installed = "/usr/bin/fedrelay"

// The package is installed, two relays of it carry messages, both are upgraded under load without a
// loss, and the package is removed.
func TestTheDebianPackage(t *testing.T) {
	older, newer := deb(t, "old"), deb(t, "new")
	command(t, "dpkg", "-i", older)
	t.Cleanup(func() { command(t, "dpkg", "-P", "fedrelay") })
	mustHaveInstalled(t)

	n := fedtest.StartNetworks(t, embedded.Options{})
	config := filepath.Join(sharedDir(t), "fedrelay.yaml")
	text := fmt.Sprintf("cluster: %s\nfederation: {servers: [%q]}\ncollective: {servers: [%q]}\nhttp: {listen: \"127.0.0.1:0\"}\ndrain: {replies: 1s}\n",
		fedtest.Cluster, n.Federation.ClientURL(), n.Collective.ClientURL())
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := command(t, "runuser", "-u", "fedrelay", "--", installed, "check", "--config", config); !strings.Contains(said, "OK") {
		t.Errorf("check says %s", said)
	}
	first, second := startInstalled(t, config), startInstalled(t, config)
	traffic := startTraffic(t, n)
	traffic.more(500)
	command(t, "dpkg", "-i", newer)
	for _, old := range []*relay{first, second} {
		next := startInstalled(t, config)
		if old.version == next.version {
			t.Errorf("both are version %s", next.version)
		}
		old.stop(t)
		defer next.stop(t)
		traffic.more(500)
	}
	traffic.end()
	command(t, "dpkg", "-r", "fedrelay")
	if _, err := os.Stat(installed); err == nil {
		t.Error("removed, but still there")
	}
	if _, err := os.Stat("/etc/fedrelay/fedrelay.yaml"); err != nil {
		t.Errorf("the configuration is gone before a purge: %v", err)
	}
}

func mustHaveInstalled(t *testing.T) {
	t.Helper()
	for _, path := range []string{
		installed, "/usr/lib/systemd/system/fedrelay.service", "/etc/fedrelay/fedrelay.yaml",
		"/usr/share/man/man1/fedrelay.1.gz", "/usr/share/man/man1/fedrelay-run.1.gz",
		"/usr/share/bash-completion/completions/fedrelay", "/usr/share/zsh/vendor-completions/_fedrelay",
		"/usr/share/fish/vendor_completions.d/fedrelay.fish", "/usr/share/doc/fedrelay/copyright",
		"/usr/share/doc/fedrelay/LICENSES.txt", "/usr/share/doc/fedrelay/sbom.cdx.json",
	} {
		if i, err := os.Stat(path); err != nil || i.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
	if said := command(t, "getent", "passwd", "fedrelay"); !strings.HasSuffix(strings.TrimSpace(said), "/nologin") {
		t.Errorf("the user is %s", said)
	}
	if said := command(t, "stat", "-c", "%a %U %G", "/etc/fedrelay"); said != "750 root fedrelay\n" {
		t.Errorf("/etc/fedrelay is %s", said)
	}
	command(t, "bash", "-n", "/usr/share/bash-completion/completions/fedrelay")
}

// sharedDir returns a directory that other users can read.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fedrelay")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// A relay is a process of the installed program, started as the unit starts it.
type relay struct {
	cmd     *exec.Cmd
	notices *net.UnixConn
	version string
}

// startInstalled starts a relay as the user of the package, and waits until systemd would count it
// as started.
func startInstalled(t *testing.T, config string) *relay {
	t.Helper()
	socket := filepath.Join(sharedDir(t), "notify")
	notices, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err == nil {
		err = os.Chmod(socket, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { notices.Close() })
	r := &relay{notices: notices, version: command(t, installed, "version")}
	r.cmd = exec.Command(tools.Need(t, "setpriv"), "--reuid", "fedrelay", "--regid", "fedrelay", "--clear-groups", "--pdeathsig", "KILL", "--",
		installed, "run", "--config", config)
	r.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() }) // fails if it has ended
	r.until(t, "READY=1")
	return r
}

func (r *relay) until(t *testing.T, notice string) {
	t.Helper()
	if err := r.notices.SetReadDeadline(time.Now().Add(fedtest.Patience)); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 4096); ; {
		n, err := r.notices.Read(b)
		if err != nil {
			t.Fatalf("no %s: %v", notice, err)
		}
		if strings.Contains(string(b[:n]), notice) {
			return
		}
	}
}

func (r *relay) stop(t *testing.T) {
	t.Helper()
	if r.cmd.ProcessState != nil {
		return
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := r.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// traffic is requests that go on, to two nodes each, and their replies.
type traffic struct {
	t             *testing.T
	federation    *nats.Conn
	sent, replies atomic.Int64
	stopped, done chan struct{}
}

func startTraffic(t *testing.T, n *fedtest.Networks, o ...nats.Option) *traffic {
	t.Helper()
	f := &traffic{t: t, federation: fedtest.Connect(t, n.Federation, o...), stopped: make(chan struct{}), done: make(chan struct{})}
	nodes := fedtest.Connect(t, n.Collective, o...)
	_, err := nodes.Subscribe("mcollective.node.*", func(m *nats.Msg) {
		_ = nodes.Publish(fedtest.CollectiveSubject, []byte(fedtest.Reply("r", m.Subject[len("mcollective.node."):])))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.federation.Subscribe(fedtest.ReplySubject("r"), func(*nats.Msg) { f.replies.Add(1) }); err != nil {
		t.Fatal(err)
	}
	if err := nodes.Flush(); err != nil {
		t.Fatal(err)
	}
	go f.send()
	return f
}

func (f *traffic) send() {
	defer close(f.done)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	request := []byte(fedtest.Request("r", fedtest.Node("n1"), fedtest.Node("n2")))
	for {
		select {
		case <-tick.C:
		case <-f.stopped:
			return
		}
		if err := f.federation.Publish(fedtest.FederationSubject, request); err != nil {
			f.t.Error(err)
			return
		}
		f.sent.Add(1)
	}
}

// more waits for more replies.
func (f *traffic) more(n int64) {
	f.t.Helper()
	want := f.replies.Load() + n
	fedtest.Eventually(f.t, "replies come", func() bool { return f.replies.Load() >= want })
}

// end stops the requests, and fails unless each of them has two replies.
func (f *traffic) end() {
	f.t.Helper()
	close(f.stopped)
	<-f.done
	want := 2 * f.sent.Load()
	fedtest.Eventually(f.t, fmt.Sprintf("all of %d replies come", want), func() bool { return f.replies.Load() == want })
	f.t.Logf("%d replies", want)
}
