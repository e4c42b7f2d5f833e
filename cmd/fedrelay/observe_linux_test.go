package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// An observed is a cluster of two relays, of which one is stopped at some time, and a broker of
// 2017, that somebody watches.
type observed struct {
	networks *fedtest.Networks
	stopped  *fedtest.Process
}

// observedRequests is how many requests the cluster has had, with two targets each.
const observedRequests = 40

func startObserved(t *testing.T) *observed {
	o := &observed{networks: fedtest.StartNetworks(t, embedded.Options{})}
	for _, name := range []string{"relay1.example.net", "relay2.example.net"} {
		c := o.networks.Config()
		c.Identity = name
		o.stopped = fedtest.StartProcess(t, c, nil)
	}
	client, node := fedtest.Connect(t, o.networks.Federation), fedtest.Connect(t, o.networks.Collective)
	got := make(chan *nats.Msg, 2*observedRequests)
	for _, name := range []string{"n1", "n2"} {
		if _, err := node.ChanSubscribe(fedtest.Node(name), got); err != nil {
			t.Fatal(err)
		}
	}
	if err := node.Flush(); err != nil {
		t.Fatal(err)
	}
	for n := range observedRequests {
		request := fedtest.Request(fmt.Sprintf("%032x", n), fedtest.Node("n1"), fedtest.Node("n2"))
		if err := client.Publish(fedtest.FederationSubject, []byte(request)); err != nil {
			t.Fatal(err)
		}
	}
	fedtest.Eventually(t, "all copies arrive", func() bool { return len(got) == 2*observedRequests })
	publishOld(t, client)
	return o
}

// publishOld publishes what a broker of 2017 does, which answers no questions.
func publishOld(t *testing.T, nc *nats.Conn) {
	doc, err := json.Marshal(state.Statistics{
		Version: "0.0.25", StartTime: 1488326400, Cluster: fedtest.Cluster, Instance: "3 @ fb3.example.net", Status: "OK",
		Federation: state.StatisticsSide{Received: 20, Sent: 40}, Collective: state.StatisticsSide{Received: 40, Sent: 40},
	})
	if err != nil {
		t.Fatal(err)
	}
	tick, done, ended := time.NewTicker(50*time.Millisecond), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-tick.C:
				// Errors are those of the server that restarts in between.
				_ = nc.Publish(service.StatisticsSubject(fedtest.Cluster), doc)
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() { tick.Stop(); close(done); <-ended })
}

// args are a command line that observes the cluster.
func (o *observed) args(more ...string) []string {
	return append([]string{"observe", "--cluster", fedtest.Cluster, "--federation", o.networks.Federation.ClientURL()}, more...)
}

func TestObserve(t *testing.T) {
	o := startObserved(t)
	t.Run("once", o.once)
	t.Run("json", o.json)
	t.Run("nobody", o.nobody)
	t.Run("keys and signals", o.endings)
	t.Run("screens", o.screens)
}

func (o *observed) once(t *testing.T) {
	cmd := child(t, o.args("--timeout", "400ms")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err, stderr.String())
	}
	lines := strings.Split(string(out), "\n")
	if lines[0] != "Federation Broker: london" || lines[1] != "    Received: 60  Sent: 120" {
		t.Errorf("got\n%s", out)
	}
	for i, name := range []string{"3 @ fb3.example.net", " relay1.example.net", " relay2.example.net"} {
		if !strings.HasPrefix(lines[2+i], "    "+name+": Received: ") {
			t.Errorf("line %d: %s", 2+i, lines[2+i])
		}
	}
	if !strings.Contains(stderr.String(), "no terminal") || bytes.ContainsRune(out, '\x1b') {
		t.Errorf("stderr %q", stderr.String())
	}
}

func (o *observed) json(t *testing.T) {
	path := t.TempDir() + "/shots"
	if out, err := child(t, o.args("--json", "--count", "2", "--interval", "100ms", "--timeout", "200ms", "-o", path)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	if len(lines) != 2 {
		t.Fatalf("%d documents", len(lines))
	}
	for _, line := range lines {
		var s observe.Snapshot
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		if s.Schema != observe.Schema || s.Clusters[0].Request.Received != 60 || s.Clusters[0].Members[1].Instance.Identity != "relay1.example.net" {
			t.Errorf("%s", line)
		}
	}
}

func (o *observed) nobody(t *testing.T) {
	out, err := child(t, "observe", "--cluster", "tokyo", "--federation", o.networks.Federation.ClientURL(), "--once").CombinedOutput()
	if code := exitCode(err); code != 1 || !bytes.Contains(out, []byte("nobody answers in cluster tokyo")) {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	return 0
}

// endings tries every way to end the live view. The terminal is as before.
func (o *observed) endings(t *testing.T) {
	for name, end := range map[string]func(*watcher){
		"q":       func(w *watcher) { w.press("q") },
		"ctrl-c":  func(w *watcher) { w.press("\x03") },
		"SIGTERM": func(w *watcher) { w.signal(syscall.SIGTERM) },
		"SIGINT":  func(w *watcher) { w.signal(syscall.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := o.watch(t, 80, 24, "NO_COLOR=1")
			w.await("relay2.exa")
			if _, fresh := tools.Terminal(t, 80, 24); tools.Settings(t, w.theirs) == tools.Settings(t, fresh) {
				t.Error("the view takes no keys")
			}
			end(w)
			w.ended()
		})
	}
}

// A watcher is a live view in a terminal.
type watcher struct {
	t            *testing.T
	cmd          *exec.Cmd
	ours, theirs *os.File

	// Guarded by mu.
	mu    sync.Mutex
	drawn bytes.Buffer
}

func (o *observed) watch(t *testing.T, columns, rows uint16, env ...string) *watcher {
	t.Helper()
	w := &watcher{t: t, cmd: child(t, o.args()...)}
	w.ours, w.theirs = tools.Terminal(t, columns, rows)
	w.cmd.Stdin, w.cmd.Stdout, w.cmd.Stderr = w.theirs, w.theirs, w.theirs
	// The library that reads keys races with its own end.
	w.cmd.Env = append(w.cmd.Env, append(env, "TERM=xterm-256color", "LANG=C.UTF-8", "GORACE=exitcode=0 log_path="+t.TempDir()+"/race")...)
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(w, w.ours) }() // ends when the test closes the terminal
	return w
}

// Write takes what is drawn.
func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drawn.Write(p)
}

func (w *watcher) seen() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drawn.String()
}

func (w *watcher) await(text string) {
	w.t.Helper()
	fedtest.Eventually(w.t, "the view shows "+text, func() bool { return strings.Contains(w.seen(), text) })
}

func (w *watcher) press(keys string) {
	if _, err := w.ours.WriteString(keys); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watcher) signal(s os.Signal) {
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
}

// ended waits for the end, and checks that the terminal is as it was.
func (w *watcher) ended() {
	w.t.Helper()
	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("%v: %q", err, w.seen())
	}
	_, fresh := tools.Terminal(w.t, 80, 24)
	if got, want := tools.Settings(w.t, w.theirs), tools.Settings(w.t, fresh); got != want {
		w.t.Errorf("the terminal is left as %+v, want %+v", got, want)
	}
	w.await("\x1b[?1049l") // the screen from before
	if s := w.seen(); strings.LastIndex(s, "\x1b[?25h") < strings.LastIndex(s, "\x1b[?25l") {
		w.t.Errorf("the cursor is hidden: %q", s)
	}
	for _, colour := range []string{"\x1b[32m", "\x1b[36m", "\x1b[31m", "\x1b[1;31m"} {
		if strings.Contains(w.seen(), colour) {
			w.t.Errorf("%q in spite of NO_COLOR", colour)
		}
	}
}

// screens looks at what a terminal makes of the view: at both sizes, while one goes over into the
// other, when an instance is stopped, and when the server is away.
func (o *observed) screens(t *testing.T) {
	command := append([]string{program(t)}, o.args("--interval", "100ms")...)
	tm := tools.StartTmux(t, 80, 24, []string{actAsMain + "=1", "LANG=C.UTF-8"}, command...)
	await := func(what string, columns, rows int, ok func(screen string) bool) {
		t.Helper()
		var last []string
		defer func() {
			if t.Failed() {
				t.Logf("%s: %s", what, strings.Join(last, "\n"))
			}
		}()
		fedtest.Within(t, fedtest.Patience, 50*time.Millisecond, what, func() bool {
			last = tm.Screen(false)
			return ok(strings.Join(last, "\n"))
		})
		checkScreen(t, tm, columns, rows)
	}
	all := func(texts ...string) func(string) bool {
		return func(screen string) bool {
			return !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(screen, s) })
		}
	}
	await("all three are seen", 80, 24, all("all 3 answer", "● relay1.exa", "● relay2.exa", "~ 3 @ fb3.exa", "q quit"))
	o.stopped.Stop()
	await("one is silent", 80, 24, all("2 of 3 answer", "○ relay2.exa", "silent "))
	tm.Resize(200, 60)
	await("more is seen on a larger screen", 200, 60, all("relay2.example.net", "copies sent to nodes", "VERSION"))
	tm.Keys("Down", "Down", "Enter")
	await("the stopped one is seen in full", 200, 60, all("relay2.example.net: relay test, silent for", "esc back"))
	tm.Keys("Escape")
	o.networks.Federation.Stop()
	await("the connection is away", 200, 60, all("NOT CONNECTED"))
	if err := o.networks.Federation.Restart(); err != nil {
		t.Fatal(err)
	}
	await("it is back", 200, 60, func(s string) bool { return !strings.Contains(s, "NOT CONNECTED") && strings.Contains(s, "● relay1") })
}

// checkScreen checks that no line was too long for the terminal, and none is missing. The view may
// be drawn anew in between, so it looks again.
func checkScreen(t *testing.T, tm *tools.Tmux, columns, rows int) {
	t.Helper()
	var why string
	fedtest.Within(t, fedtest.Patience, 20*time.Millisecond, "lines that fit", func() bool {
		why = misdrawn(tm.Screen(false), tm.Screen(true), columns, rows)
		return why == "" || strings.Contains(why, "wide")
	})
	if why != "" {
		t.Error(why)
	}
}

func misdrawn(lines, joined []string, columns, rows int) string {
	if len(lines) != rows {
		return fmt.Sprintf("%d lines in %d", len(lines), rows)
	}
	if len(joined) != len(lines) {
		return fmt.Sprintf("%d lines of %d go on in the next", len(lines)-len(joined), len(lines))
	}
	for _, line := range lines {
		if n := len([]rune(line)); n >= columns {
			return fmt.Sprintf("%d wide: %s", n, line)
		}
	}
	if !strings.HasPrefix(lines[0], " Federation Broker: ") || !strings.Contains(lines[rows-1], "q quit") {
		return fmt.Sprintf("the first line is %q, the last one %q", lines[0], lines[rows-1])
	}
	return ""
}
