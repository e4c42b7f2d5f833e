package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// An interrupted run is reported as far as it came, and leaves nothing behind.
func TestAnInterruptEndsWithAReport(t *testing.T) {
	address := freeAddress(t)
	cmd := exec.Command(os.Args[0], "run", "--nodes", "20", "--rate", "100", "--duration", "1h", "--calibration", "50ms", "--json",
		"--http", address, "--exec", "env "+actAs+"=relay "+os.Args[0]+" {fed} {col} "+address)
	cmd.Env = append(os.Environ(), actAs+"=loadgen")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	carried := regexp.MustCompile(`fedrelay_copies_accepted_total\{path="reply"\} \d{3,}\n`)
	waitFor(t, func() bool { return carried.MatchString(get("http://" + address + "/metrics")) })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != command.Interrupted {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if !strings.Contains(stdout.String(), `"duplicates": 0`) || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("%s%s", stdout.String(), stderr.String())
	}
	if get("http://"+address+"/metrics") != "" {
		t.Error("the relay was left behind")
	}
}

// Nodes in one process, a relay in another, the client in a third.
func TestNodesOfAnotherProcess(t *testing.T) {
	server, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	federation, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer federation.Stop()
	nodes := exec.Command(os.Args[0], "nodes", "--col", server.ClientURL(), "--nodes", "30", "--loss", "0.2", "--reply-size", "10")
	nodes.Env = append(os.Environ(), actAs+"=loadgen")
	stdout, err := nodes.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := nodes.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(stdout)
	if line, err := said.ReadString('\n'); err != nil || !strings.HasPrefix(line, "30 nodes listen on ") {
		t.Fatal(line, err)
	}
	run := exec.Command(os.Args[0], "run", "--fed", federation.ClientURL(), "--nodes-from", strings.TrimPrefix(server.ClientURL(), "nats://"),
		"--closed-loop", "--requests", "3", "--calibration", "50ms", "--json", "--exec", "env "+actAs+"=relay "+os.Args[0]+" {fed} {col} {http}")
	run.Env = append(os.Environ(), actAs+"=loadgen")
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"targets": 90`, `"lost": 0`, `"delivered": null`, `"nodes_in_process": false`, `"loss": "0.2"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if err := nodes.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	last, _ := said.ReadString('\n')
	if err := nodes.Wait(); err != nil || !strings.HasPrefix(last, "90 copies arrived, ") {
		t.Fatal(last, err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func get(url string) string {
	c := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(url)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-deadline:
			t.Fatal("it never happens")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
