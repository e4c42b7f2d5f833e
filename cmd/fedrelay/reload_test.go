package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A rewritable is a configuration file, and a relay that runs by it.
type rewritable struct {
	*process
	file   string
	common string // what stays
	http   string
}

func startRewritable(t *testing.T, common string, environ ...string) *rewritable {
	t.Helper()
	r := &rewritable{file: filepath.Join(t.TempDir(), "fedrelay.yaml"), common: common}
	r.write(t, "")
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	r.process = start(t, "--config", r.file, "--http", "127.0.0.1:0")
	r.until("serving metrics and health")
	var line ports
	if err := json.Unmarshal([]byte(r.said[len(r.said)-1]), &line); err != nil {
		t.Fatal(err)
	}
	r.http = "http://" + line.HTTP
	return r
}

func (r *rewritable) write(t *testing.T, more string) {
	t.Helper()
	if err := os.WriteFile(r.file, []byte(r.common+more), 0o600); err != nil {
		t.Fatal(err)
	}
}

// post asks for a reload, and returns the answer.
func (r *rewritable) post(t *testing.T) (status int, text string) {
	t.Helper()
	response, err := http.Post(r.http+"/-/reload", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (r *rewritable) metrics(t *testing.T) string {
	t.Helper()
	return r.get(t, "/metrics")
}

func (r *rewritable) get(t *testing.T, path string) string {
	t.Helper()
	response, err := http.Get(r.http + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// settingsFor is a file for a relay between two networks.
func settingsFor(n *fedtest.Networks) string {
	return fmt.Sprintf("cluster: %s\nfederation: {servers: [%q]}\ncollective: {servers: [%q]}\n",
		fedtest.Cluster, n.Federation.ClientURL(), n.Collective.ClientURL())
}

// SIGHUP and POST /-/reload read the file again, take all of it or nothing, and say which.
func TestTheConfigurationIsReloaded(t *testing.T) {
	n, _ := networks(t)
	r := startRewritable(t, settingsFor(n))
	// What the relay says while it connects might come after the reload that makes it say less.
	fedtest.Eventually(t, "it is ready", func() bool { return strings.Contains(r.metrics(t), "\nfedrelay_ready 1\n") })
	if status, text := r.post(t); status != 200 || text != "there was nothing to change\n" {
		t.Errorf("%d %q", status, text)
	}
	r.until("there was nothing to change")

	r.write(t, "limits: {targets: 7}\nlog: {level: error}\ncompat: loose\ntrase: never\n")
	status, text := r.post(t)
	for _, want := range []string{"nothing has changed, because:\n", r.file + ":6:9: compat: ", r.file + ":7:1: unknown key \"trase\""} {
		if status != 400 || !strings.Contains(text, want) {
			t.Errorf("%d, and %q is not in %q", status, want, text)
		}
	}
	r.write(t, "identity: other\npipeline: {depth: 3}\nlimits: {targets: 7}\nlog: {format: text}\n")
	// A flag sets the identity, whatever the file says.
	if status, text := r.post(t); status != 400 || strings.Contains(text, "identity") ||
		!strings.Contains(text, r.file+":5:19: pipeline.depth: needs a restart: ") {
		t.Errorf("%d %q", status, text)
	}
	r.until("pipeline.depth: needs a restart")
	if line := r.said[len(r.said)-1]; !json.Valid([]byte(line)) {
		t.Errorf("a part of what was refused is in force: %q", line)
	}
	if m := r.metrics(t); !strings.Contains(m, "\nfedrelay_config_last_reload_successful 0\n") ||
		!strings.Contains(m, "\nfedrelay_config_reloads_total{result=\"refused\"} 2\n") {
		t.Error("the refusals are not in the metrics")
	}
	if s := r.get(t, "/readyz"); !strings.Contains(s, "warning: the latest reload was refused") {
		t.Errorf("no warning of the refusal in %q", s)
	}

	r.write(t, "limits: {targets: 7}\nlog: {level: error}\ndrain: {replies: 1ms}\n")
	r.signal(syscall.SIGHUP)
	r.until("configuration reloaded")
	if line := r.said[len(r.said)-1]; json.Valid([]byte(line)) != true || !strings.Contains(line, "limits.targets: 50000 -> 7") ||
		!strings.Contains(line, "log.level: info -> error") {
		t.Errorf("said %q", line)
	}
	if m := r.metrics(t); !strings.Contains(m, "\nfedrelay_config_last_reload_successful 1\n") {
		t.Error("the success is not in the metrics")
	}
	if s := r.get(t, "/readyz"); strings.Contains(s, "reload") {
		t.Errorf("a warning after a success: %q", s)
	}
	said := len(r.said)
	r.signal(syscall.SIGUSR2) // drains, and never more than that
	if code := r.end(); code != command.Done && code != command.Unreachable {
		t.Errorf("exit code %d", code)
	}
	for _, line := range r.said[said:] {
		if !strings.Contains(line, "ledger: ") {
			t.Errorf("said at level error: %q", line)
		}
	}
}

// A notifySocket is systemd, as far as a service sees it.
type notifySocket struct {
	*net.UnixConn
	path string
}

func listenAsSystemd(t *testing.T) *notifySocket {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &notifySocket{c, path}
}

// until reads states up to one that has text, and returns all of them.
func (s *notifySocket) until(t *testing.T, text string) (all []string) {
	t.Helper()
	buffer := make([]byte, 4096)
	for {
		n, err := s.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(buffer[:n]))
		if strings.Contains(string(buffer[:n]), text) {
			return all
		}
	}
}

// systemd hears when both sides are ready, of a reload from its beginning to its end, of life, and
// of the stop.
func TestSystemdIsTold(t *testing.T) {
	n, _ := networks(t)
	systemd := listenAsSystemd(t)
	right := settingsFor(n)
	wrong := strings.Replace(right, n.Collective.ClientURL(), "nats://127.0.0.1:1", 1)
	r := startRewritable(t, wrong, "NOTIFY_SOCKET="+systemd.path, "WATCHDOG_USEC=60000")
	early := systemd.until(t, "STATUS=not ready: collective: not connected")
	early = append(early, systemd.until(t, "WATCHDOG=1")...)
	if strings.Contains(strings.Join(early, "\n"), "READY=1") {
		t.Errorf("ready too early: %q", early)
	}
	r.common = right
	r.write(t, "")
	r.signal(syscall.SIGHUP)
	const status = "STATUS=ready; request 0 received"
	if told := systemd.until(t, "READY=1"); !strings.Contains(strings.Join(told, "|"), status) {
		systemd.until(t, status) // the status comes first if a look finds it
	}
	r.signal(syscall.SIGHUP)
	states := strings.Join(systemd.until(t, "READY=1"), "|")
	if at := strings.Index(states, "RELOADING=1\nMONOTONIC_USEC="); at < 0 || at > strings.Index(states, "READY=1") {
		t.Errorf("a reload was told as %q", states)
	}
	r.write(t, "trase: never\n")
	r.signal(syscall.SIGHUP)
	systemd.until(t, "RELOADING=1")
	// Not when the next look at the status is due.
	states = strings.Join(systemd.until(t, "READY=1"), "|")
	if !strings.Contains(states, "STATUS=the last reload was refused; ready; ") {
		t.Errorf("a refused reload was told as %q", states)
	}
	r.signal(syscall.SIGTERM)
	systemd.until(t, "STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000")
	if code := r.end(); code != command.Done {
		t.Errorf("exit code %d", code)
	}
}
