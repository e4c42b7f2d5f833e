package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// process is a running `fedrelay run`.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *bufio.Scanner
	stdout strings.Builder
	said   []string
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startVerb(t, "run", args...)
}

func startVerb(t *testing.T, verb string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: child(t, append([]string{verb, "--identity", "r1"}, args...)...)}
	p.cmd.Stdout = &p.stdout
	pipe, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	p.stderr = bufio.NewScanner(pipe)
	return p
}

// until reads messages up to the one with text.
func (p *process) until(text string) {
	p.t.Helper()
	for p.stderr.Scan() {
		p.said = append(p.said, p.stderr.Text())
		if strings.Contains(p.stderr.Text(), text) {
			return
		}
	}
	p.t.Fatalf("ended without saying %q:\n%s", text, strings.Join(p.said, "\n"))
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end reads the rest and returns the exit code.
func (p *process) end() int {
	for p.stderr.Scan() {
		p.said = append(p.said, p.stderr.Text())
	}
	p.cmd.Wait() // the exit code is looked at, and nothing else can go wrong
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) ledger() (lines []string) {
	for _, line := range p.said {
		if strings.Contains(line, "ledger: request: ") {
			lines = append(lines, line)
		}
	}
	return lines
}

func networks(t *testing.T) (*fedtest.Networks, []string) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	return n, []string{"--cluster", fedtest.Cluster, "--federation", n.Federation.ClientURL(), "--collective", n.Collective.ClientURL()}
}

// ready waits until the relay carries messages. It needs --http 127.0.0.1:0 and logs in JSON.
func (p *process) ready() {
	p.t.Helper()
	p.until("serving metrics and health")
	var line ports
	if err := json.Unmarshal([]byte(p.said[len(p.said)-1]), &line); err != nil {
		p.t.Fatal(err)
	}
	fedtest.Eventually(p.t, "the relay is ready", func() bool {
		response, err := http.Get("http://" + line.HTTP + "/readyz")
		if err != nil {
			p.t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

func TestRunServesAndDrains(t *testing.T) {
	_, args := networks(t)
	file := filepath.Join(t.TempDir(), "ports.json")
	p := start(t, append(args, "--http", "127.0.0.1:0", "--ports-file", file)...)
	p.ready()
	var where ports
	content, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(content, &where)
	}
	if err != nil || where.PID != p.cmd.Process.Pid || !strings.Contains(p.said[0], where.HTTP) {
		t.Errorf("%v in %s", err, content)
	}
	p.signal(syscall.SIGHUP)
	p.until("there was nothing to change")
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Done {
		t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
	}
	if len(p.ledger()) != 1 || !strings.Contains(p.ledger()[0], "unaccounted 0") {
		t.Errorf("ledger: %q", p.ledger())
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the ports file is still there (%v)", err)
	}
	for _, line := range p.said {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON although no terminal: %q", line)
		}
	}
}

func TestRunWithoutServersEndsWithThree(t *testing.T) {
	p := start(t, "--cluster", "a", "--federation", "127.0.0.1:1", "--collective", "127.0.0.1:2", "--http", "off", "--log-format", "text")
	p.until("cannot connect")
	p.signal(syscall.SIGINT)
	if code := p.end(); code != command.Unreachable {
		t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
	}
	if len(p.ledger()) != 1 || strings.Contains(strings.Join(p.said, ""), "\x1b") {
		t.Errorf("said %q", p.said)
	}
}

const request = `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"mcollective.reply.a.b","mc_sender":"c",` +
	`"federation":{"req":"x","target":["mcollective.node.n1"]}}}`

func TestSecondSignalStopsAtOnce(t *testing.T) {
	n, args := networks(t)
	p := start(t, append(args, "--http", "127.0.0.1:0", "--drain-replies", "10m", "--drain-timeout", "10m")...)
	federation, collective := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	p.ready()
	federation.Send("choria.federation.london.federation", request)
	collective.Next()
	p.signal(syscall.SIGTERM)
	p.until("waiting for replies")
	p.signal(syscall.SIGTERM) // the same once more, as process groups get it
	<-time.After(command.SameSignal)
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Interrupted {
		t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
	}
	if len(p.ledger()) != 1 || !strings.Contains(p.ledger()[0], "confirmed 1") {
		t.Errorf("ledger: %q", p.ledger())
	}
	if all := strings.Join(p.said, "\n"); strings.Contains(all, "reconnecting") {
		t.Errorf("a stop is told as a loss:\n%s", all)
	}
}

func TestProfileIsWritten(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "--cluster", "a", "--federation", "127.0.0.1:1", "--collective", "127.0.0.1:2", "--http", "off",
		"--profile", "mutex", "--profile-dir", dir)
	p.until("cannot connect")
	p.signal(syscall.SIGTERM)
	p.end()
	if info, err := os.Stat(filepath.Join(dir, "mutex.pprof")); err != nil || info.Size() == 0 {
		t.Errorf("no profile: %v", err)
	}
}

// Secrets may be mounted, and certificates issued, after the relay has been started.
func TestRunWaitsForFilesThatComeLater(t *testing.T) {
	_, args := networks(t)
	ca := filepath.Join(t.TempDir(), "token")
	p := start(t, append(args, "--http", "127.0.0.1:0", "--fed-choria-token", ca, "--fed-choria-seed", ca+".seed")...)
	p.until("cannot connect: federation.choria.token: " + ca + ": no such file or directory")
	for name, text := range map[string]string{ca: "e30.e30.c2ln", ca + ".seed": strings.Repeat("ab", 32)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.until("federation: connected to")
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Done && code != command.Unreachable {
		t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
	}
}

func TestPortThatIsTakenIsExplained(t *testing.T) {
	n, args := networks(t)
	taken := strings.TrimPrefix(n.Federation.ClientURL(), "nats://")
	p := start(t, append(args, "--http", taken)...)
	if code := p.end(); code != command.Failed || !strings.Contains(strings.Join(p.said, "\n"), "choose another address with --http") {
		t.Errorf("exit code %d: %q", code, p.said)
	}
}
