package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/logqueue"
)

// garbage is a message that makes the relay log, where log.drop_interval is 0.
const garbage = "x"

// An unread is a running `fedrelay run` whose stderr is a pipe that nobody reads.
type unread struct {
	*exec.Cmd
	t                      *testing.T
	stderr                 *os.File // where to read
	networks               *fedtest.Networks
	federation, collective *fedtest.Tap
	http                   string
	ended                  chan struct{}
}

// startUnread runs a relay that is ready and has nobody to read what it logs. environ is added.
func startUnread(t *testing.T, environ ...string) *unread {
	t.Helper()
	n, args := networks(t)
	return launchUnread(t, n, child(t, append([]string{"run"}, args...)...), environ...)
}

// launchUnread is for a command line that runs a relay between n.
func launchUnread(t *testing.T, n *fedtest.Networks, cmd *exec.Cmd, environ ...string) *unread {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ports.json")
	cmd.Args = append(cmd.Args, "--identity", "r1", "--http", "127.0.0.1:0", "--ports-file", file)
	cmd.Env = append(append(cmd.Env, "FEDRELAY_LOG_DROP_INTERVAL=0", "FEDRELAY_DRAIN_REPLIES=10ms"), environ...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	u := &unread{
		Cmd: cmd, t: t, stderr: r, ended: make(chan struct{}), networks: n,
		federation: fedtest.NewTap(t, n.Federation), collective: fedtest.NewTap(t, n.Collective),
	}
	go func() {
		defer close(u.ended)
		cmd.Wait() // the exit code is looked at
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-u.ended
	})
	u.http = waitForPorts(t, file)
	fedtest.Eventually(t, "the relay is ready", func() bool { return strings.HasPrefix(u.get("/readyz"), "200") })
	return u
}

// waitForPorts returns the address in a ports file, once it is there.
func waitForPorts(t *testing.T, file string) (address string) {
	t.Helper()
	fedtest.Eventually(t, "the ports file is there", func() bool {
		content, err := os.ReadFile(file)
		_, rest, _ := strings.Cut(string(content), `"http":"`)
		address, _, _ = strings.Cut(rest, `"`)
		return err == nil && address != ""
	})
	return address
}

// get returns the status and the body of an answer.
func (u *unread) get(path string) string {
	u.t.Helper()
	response, err := http.Get("http://" + u.http + path)
	if err != nil {
		u.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	return response.Status + "\n" + string(body)
}

// fill has the relay log more on both paths than a pipe and its own queue hold, and waits until it
// has received all of it.
func (u *unread) fill() {
	u.t.Helper()
	const messages = 10_000 // about 200 bytes a line
	for range messages {
		u.publish(u.federation, fedtest.FederationSubject)
		u.publish(u.collective, fedtest.CollectiveSubject)
	}
	u.federation.Sync()
	u.collective.Sync()
	for _, path := range []string{"request", "reply"} {
		want := fmt.Sprintf("fedrelay_messages_total{path=%q,fate=\"rejected\",reason=\"malformed\"} %d\n", path, messages)
		fedtest.Eventually(u.t, "all is rejected on the "+path+" path", func() bool { return strings.Contains(u.get("/metrics"), want) })
	}
}

func (u *unread) publish(tap *fedtest.Tap, subject string) {
	if err := tap.Publish(subject, []byte(garbage)); err != nil {
		u.t.Fatal(err)
	}
}

// carries fails the test unless the relay still carries a request and its reply.
func (u *unread) carries(id string) {
	u.t.Helper()
	u.federation.Send(fedtest.FederationSubject, fedtest.Request(id, fedtest.Node("n1")))
	u.collective.Until(fedtest.Node("n1"))
	u.collective.Send(fedtest.CollectiveSubject, fedtest.Reply(id, "n1"))
	u.federation.Until(fedtest.ReplySubject(id))
}

func (u *unread) stop(s os.Signal) {
	u.t.Helper()
	if err := u.Process.Signal(s); err != nil {
		u.t.Fatal(err)
	}
}

// end waits for the end and returns the exit code.
func (u *unread) end() int {
	u.t.Helper()
	select {
	case <-u.ended:
	case <-time.After(4 * fedtest.Patience): // for much to carry, on a busy machine
		u.t.Fatal("it does not end")
	}
	return u.ProcessState.ExitCode()
}

func TestNothingWaitsForALogReader(t *testing.T) {
	u := startUnread(t)
	u.fill()
	u.carries("r1")
	if s := u.get("/metrics"); strings.Contains(s, "\nfedrelay_log_lines_dropped_total 0\n") {
		t.Error("nothing counts as dropped")
	}
	if s := u.get("/"); !strings.Contains(s, "log lines dropped") {
		t.Errorf("/ does not say that lines are dropped:\n%s", s)
	}
	u.stop(syscall.SIGTERM)
	if code := u.end(); code != command.Done {
		t.Errorf("exit code %d", code)
	}
}

func TestALogReaderThatComesBackIsToldWhatIsMissing(t *testing.T) {
	u := startUnread(t)
	u.fill()
	lines := bufio.NewScanner(u.stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), logqueue.Missing) {
	}
	var notice struct{ Lines int64 }
	if err := json.Unmarshal(lines.Bytes(), &notice); err != nil || notice.Lines == 0 {
		t.Errorf("%v in %s", err, lines.Text())
	}
	u.stop(syscall.SIGTERM)
	for lines.Scan() && !strings.Contains(lines.Text(), "ledger: request: ") {
		if !json.Valid(lines.Bytes()) {
			t.Errorf("not JSON: %s", lines.Text())
		}
	}
	if err := json.Unmarshal(lines.Bytes(), new(map[string]any)); err != nil {
		t.Errorf("no ledger: %v in %q", err, lines.Text())
	}
	if code := u.end(); code != command.Done {
		t.Errorf("exit code %d", code)
	}
}

// Whoever sends a signal again and again is obeyed a second after the first time, whatever becomes
// of the log.
func TestTheSecondSignalWaitsForNoLogReader(t *testing.T) {
	u := startUnread(t, "FEDRELAY_DRAIN_TIMEOUT=10m", "FEDRELAY_DRAIN_REPLIES=10m")
	u.fill()
	u.federation.Send(fedtest.FederationSubject, fedtest.Request("r1", fedtest.Node("n1")))
	u.collective.Until(fedtest.Node("n1"))
	began := time.Now()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for open := true; open && time.Since(began) < fedtest.Patience; {
		_ = u.Process.Signal(syscall.SIGTERM) // it may have ended
		select {
		case <-u.ended:
			open = false
		case <-again.C:
		}
	}
	if code := u.end(); code != command.Interrupted {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took < command.SameSignal {
		t.Errorf("stopped at once after %s", took)
	}
}

func TestARelayOutlivesItsLogReader(t *testing.T) {
	u := startUnread(t)
	u.stderr.Close()
	u.fill()
	u.carries("r1")
	u.stop(syscall.SIGTERM)
	if code := u.end(); code != command.Done {
		t.Errorf("exit code %d", code)
	}
}

// A systemd that does not listen: its socket is full.
func TestNothingWaitsForSystemd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	fillSocket(t, path)
	u := startUnread(t, "NOTIFY_SOCKET="+path)
	u.carries("r1")
	u.stop(syscall.SIGTERM)
	if code := u.end(); code != command.Done {
		t.Errorf("exit code %d", code)
	}
}

// fillSocket writes to a socket until it takes nothing more.
func fillSocket(t *testing.T, path string) {
	t.Helper()
	c, err := net.Dial("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for err == nil {
		if err = c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err == nil {
			_, err = c.Write([]byte("STATUS=full"))
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
}
