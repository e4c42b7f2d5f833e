//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The demo's program is the process that the shell has started: signals reach it without help.
func TestDemoIsTheSameProcess(t *testing.T) {
	dir := t.TempDir()
	standIn(t, filepath.Join(dir, demoProgram))
	cmd := child(t, "demo")
	cmd.Env = append(cmd.Env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != strconv.Itoa(cmd.Process.Pid) {
		t.Errorf("process %s, want %d: %v", got, cmd.Process.Pid, err)
	}
}

func TestAProgramBesideThisOneComesFirst(t *testing.T) {
	const name = "fedrelay-beside"
	t.Setenv("PATH", t.TempDir())
	if path, err := findBeside(name); err == nil {
		t.Errorf("found %s", path)
	}
	inPath := filepath.Join(os.Getenv("PATH"), name)
	standIn(t, inPath)
	if path, err := findBeside(name); path != inPath {
		t.Errorf("%s, want %s: %v", path, inPath, err)
	}
	beside := filepath.Join(filepath.Dir(program(t)), name)
	standIn(t, beside)
	if path, err := findBeside(name); path != beside {
		t.Errorf("%s, want %s: %v", path, beside, err)
	}
}

// standIn writes a program that prints the number of its process.
func standIn(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho $$\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
}
