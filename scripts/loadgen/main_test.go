package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// actAs makes the test binary something else: the program, for tests of exit codes, or a relay for
// it to measure.
const actAs = "RUN_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(actAs) {
	case "loadgen":
		main()
		return
	case "relay":
		end(runRelay(os.Args[1], os.Args[2], os.Args[3]))
	case "edge":
		end(runEdge(os.Args[1], os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func end(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runRelay is fedrelay without its command line.
func runRelay(fed, col, address string) error {
	c := config.Default()
	c.Cluster, c.Identity = "london", "relay1.london.example.net"
	c.Federation.Servers, c.Collective.Servers = []string{"nats://" + fed}, []string{"nats://" + col}
	return runProcess(c, address)
}

// runEdge is an edge, likewise.
func runEdge(fed, line, address string) error {
	c := config.Default()
	c.Edge.Clusters, c.Edge.Group, c.Identity = []string{"london"}, "here", "edge1.example.net"
	c.Federation.Servers, c.Line.Servers = []string{"nats://" + fed}, []string{"nats://" + line}
	return runProcess(c, address)
}

func runProcess(c config.Config, address string) error {
	c.Drain.Replies = 10 * time.Millisecond
	p, err := relay.NewProcess(c, relay.Options{})
	if err != nil {
		return err
	}
	server, err := telemetry.Serve(address, p.Views(), telemetry.Options{CountStats: p.CountStatsRequest})
	if err != nil {
		return err
	}
	defer func() { _ = server.Shutdown(context.Background()) }()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return p.Run(ctx)
}

func TestScripts(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "loadgen")); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("RELAY", "env "+actAs+"=relay "+self+" {fed} {col} {http}")
			e.Setenv("EDGE", "env "+actAs+"=edge "+self+" {fed} {line} {http}")
			e.Setenv(actAs, "loadgen")
			return nil
		},
	})
}

// exits CODE COMMAND... runs a command and compares its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func TestEveryHelpFitsAScreenAndEndsWithExamples(t *testing.T) {
	for _, verb := range []string{"", "run", "nodes", "report", "compare"} {
		cmd := exec.Command(os.Args[0], append(strings.Fields(verb), "--help")...)
		cmd.Env = append(os.Environ(), actAs+"=loadgen")
		out, err := cmd.Output()
		help := string(out)
		if lines := strings.Count(help, "\n"); err != nil || lines > 60 {
			t.Errorf("%s: %v, %d lines of help", verb, err, lines)
		}
		_, examples, _ := strings.Cut(help, "\nEXAMPLES:\n")
		if strings.Count(examples, "loadgen") < 2 || strings.Contains(help, "\x1b") {
			t.Errorf("%s: no two examples at the end of\n%s", verb, help)
		}
	}
}
