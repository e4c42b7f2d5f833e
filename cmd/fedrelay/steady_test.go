package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
)

// What DNS has said once holds for the life of a process, and a failure does not.
func TestLookupsAreRemembered(t *testing.T) {
	asked, down := 0, true
	lookup := once(func(context.Context, string) ([]net.IP, error) {
		asked++
		if down {
			return nil, errors.New("down")
		}
		return []net.IP{net.IPv4(192, 0, 2, byte(asked))}, nil
	})
	if _, err := lookup(t.Context(), "a"); err == nil {
		t.Error("no failure")
	}
	down = false
	for range 3 {
		if all, err := lookup(t.Context(), "a"); err != nil || all[0].String() != "192.0.2.2" {
			t.Errorf("%v, %v", all, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

// Level and format change for loggers that were made before.
func TestALogChangesItsLevelAndFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	l := newLogger(config.Log{Level: "warn", Format: "auto"}, file)
	early := l.With("side", "line").WithGroup("g")
	early.Info("one")
	early.Warn("two", "n", 1)
	l.set(config.Log{Level: "info", Format: "text"})
	early.Info("three", "n", 2)
	l.lines.Close(flushTime)
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(written)), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], `"msg":"two","side":"line","g":{"n":1}}`) ||
		!strings.HasSuffix(lines[1], "INF three side=line g.n=2") {
		t.Errorf("%q", lines)
	}
}

func TestStandardInputIsNotReadTwice(t *testing.T) {
	r := newReloader(config.Sources{File: config.Stdin}, nil, newLogger(config.Log{Level: "error"}, os.Stderr))
	outcome := r.reload("SIGHUP")
	if len(outcome.Refused) != 1 || !strings.Contains(outcome.Refused[0], "cannot be read again") || !r.counted().LastRefused {
		t.Errorf("%+v", outcome)
	}
}
