package deploy

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// An engine is podman with images and containers of its own, which end with the test.
type engine struct {
	t      *testing.T
	path   string
	common []string
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	dir := sharedDir(t)
	e := &engine{t, tools.Need(t, "podman"), []string{
		"--root", dir + "/images", "--runroot", dir + "/running", "--storage-driver", "vfs",
		"--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime", tools.Need(t, "runc"),
	}}
	t.Cleanup(func() { e.does("rm", "--all", "--force", "--time", "0") })
	return e
}

// within returns the engine for a part of its test.
func (e *engine) within(t *testing.T) *engine { return &engine{t, e.path, e.common} }

func (e *engine) command(args ...string) *exec.Cmd {
	return exec.Command(e.path, append(e.common[:len(e.common):len(e.common)], args...)...)
}

// does returns what a command says. It must not fail.
func (e *engine) does(args ...string) string {
	e.t.Helper()
	out, err := e.command(args...).CombinedOutput()
	if err != nil {
		e.t.Fatalf("podman %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// fails returns what a command says that must fail.
func (e *engine) fails(args ...string) string {
	e.t.Helper()
	out, err := e.command(args...).CombinedOutput()
	if err == nil {
		e.t.Errorf("podman %s: should fail\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

// strict are the arguments of a container with no rights at all, in the network of this machine.
// The limits are such that podman needs no rights, either.
func strict(more ...string) []string {
	return append([]string{"run", "--rm", "--network", "host", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges",
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"}, more...)
}

// A contained relay is one in a container.
type contained struct {
	engine *engine
	name   string
	cmd    *exec.Cmd
	http   string // its address
	log    chan []string
}

// run starts a relay and waits until it serves HTTP.
func (e *engine) run(name string, args ...string) *contained {
	e.t.Helper()
	c := &contained{engine: e, name: name, log: make(chan []string, 1)}
	c.cmd = e.command(strict(append([]string{"--name", name}, args...)...)...)
	errs, err := c.cmd.StderrPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		e.t.Fatal(err)
	}
	serving := make(chan string, 1)
	go func() { c.log <- follow(errs, serving) }()
	select {
	case c.http = <-serving:
	case log := <-c.log:
		e.t.Fatalf("it ends: %s", log)
	}
	return c
}

// follow reads a log to its end, and sends the address of the HTTP server in it.
func follow(r io.Reader, serving chan<- string) (log []string) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		log = append(log, lines.Text())
		var entry struct{ HTTP string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.HTTP != "" && len(serving) == 0 {
			serving <- entry.HTTP
		}
	}
	return log
}

// stop ends a container as operators do. The relay must drain, and not be killed.
func (c *contained) stop() {
	t := c.engine.t
	t.Helper()
	c.engine.does("stop", "--time", "60", c.name)
	log := strings.Join(<-c.log, "\n")
	if err := c.cmd.Wait(); err != nil || !strings.Contains(log, "unaccounted 0") {
		t.Errorf("%v: %s", err, log)
	}
}

func (c *contained) ready() {
	c.engine.t.Helper()
	fedtest.Eventually(c.engine.t, c.name+" is ready", func() bool { return healthy("http://" + c.http + "/readyz") })
}
