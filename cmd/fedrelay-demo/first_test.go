package main

import (
	"bufio"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A newcomer sees replies within three seconds, and no escape sequences in a pipe.
func TestTheFirstRepliesShowWithinThreeSeconds(t *testing.T) {
	cmd := exec.Command("fedrelay-demo", "--for", "3s", "--json")
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	replies := regexp.MustCompile(` replies [1-9]`)
	lines := bufio.NewScanner(pipe)
	for lines.Scan() && !replies.MatchString(lines.Text()) {
	}
	if took := time.Since(began); took > 3*time.Second || strings.ContainsRune(lines.Text(), '\x1b') {
		t.Errorf("after %s: %q", took, lines.Text())
	}
	_ = cmd.Process.Kill() // it has shown what it should
	_ = cmd.Wait()
}
