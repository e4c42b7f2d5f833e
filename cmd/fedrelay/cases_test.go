package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// casesDir holds inputs that people have reported, with what must come of them. It is not part of
// this repository.
const casesDir = "../../../shared/cases"

// cases are those about configuration; messages are sent in internal/relay.
var cases = map[string]func(*testing.T, testCase){
	"03-one-network":           caseOneNetwork,
	"05-srv-domain-variable":   caseDomainVariable,
	"09-stats-port-beside":     caseStatsPort,
	"10-file-password-rotated": caseRotatedPassword,
	"11-yaml-flow-url":         caseFlowURL,
	"12-dotted-cluster":        caseDottedCluster,
	"01-subcollective-reply":   nil,
	"06-one-bad-name":          nil,
}

type testCase struct {
	name string
	dir  string // of a copy
}

func TestReportedCases(t *testing.T) {
	entries, err := os.ReadDir(casesDir)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/cases is absent: the reported cases are not part of this repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		run, known := cases[e.Name()]
		if !known {
			t.Errorf("%s: nothing runs this case", e.Name())
		}
		if run != nil {
			t.Run(e.Name(), func(t *testing.T) { run(t, testCase{e.Name(), t.TempDir()}) })
		}
	}
}

// file copies a file of the case, with other addresses and paths in it, and returns the path of the
// copy.
func (c testCase) file(t *testing.T, name string, replace ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(casesDir, c.name, name))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(c.dir, name)
	if err := os.WriteFile(copied, []byte(strings.NewReplacer(replace...).Replace(string(content))), 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

// check runs `fedrelay check` and wants it to say all of says.
func (c testCase) check(t *testing.T, env string, args, says []string) {
	t.Helper()
	cmd := child(t, append([]string{"check"}, args...)...)
	cmd.Env = append(cmd.Env, env)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	for _, text := range says {
		if !strings.Contains(string(out), text) {
			t.Errorf("no %q in %s", text, out)
		}
	}
}

func hostPort(s *embedded.Server) string { return strings.TrimPrefix(s.ClientURL(), "nats://") }

func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Done {
		p.t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
	}
	if len(p.ledger()) != 1 || !strings.Contains(p.ledger()[0], "unaccounted 0") {
		p.t.Errorf("ledger: %q", p.ledger())
	}
}

// passes sends a request through the relay between two taps, and its reply back.
func passes(t *testing.T, federation, collective *fedtest.Tap, cluster string) {
	t.Helper()
	federation.Send("choria.federation."+cluster+".federation", fedtest.Request("r1", fedtest.Node("n1")))
	collective.Until(fedtest.Node("n1"))
	collective.Send("choria.federation."+cluster+".collective", fedtest.Reply("r1", "n1"))
	federation.Until(fedtest.ReplySubject("r1"))
}

func caseOneNetwork(t *testing.T, c testCase) {
	one := fedtest.StartServer(t, embedded.Options{})
	conf := c.file(t, "broker.conf", "127.0.0.1:4222", hostPort(one))
	c.check(t, "", []string{"--choria-config", conf, "--disable-tls"}, []string{"OK: ", "is on the federation side, too"})
	p := start(t, "--choria-config", conf, "--disable-tls", "--http", "127.0.0.1:0", "--drain-replies", "0s")
	p.ready()
	passes(t, fedtest.NewTap(t, one), fedtest.NewTap(t, one), "london")
	p.stop()
	if !strings.Contains(strings.Join(p.said, "\n"), "federation and collective are one network") {
		t.Errorf("said %q", p.said)
	}
}

func caseDomainVariable(t *testing.T, c testCase) {
	c.check(t, "CHORIA_SRV_DOMAIN=dev.example.com", []string{"--choria-config", c.file(t, "broker.conf"), "--disable-tls"},
		[]string{"federation SRV in dev.example.com, collective SRV in dev.example.com"})
}

func caseStatsPort(t *testing.T, c testCase) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	broker, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	_, port, err := net.SplitHostPort(broker.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conf := c.file(t, "broker.conf", "8222", port, "127.0.0.1:4300", hostPort(n.Federation), "127.0.0.1:4301", hostPort(n.Collective), "loglevel = warn", "")
	c.check(t, "", []string{"--choria-config", conf, "--disable-tls"}, []string{"OK: ", "the original broker holds this port while it runs"})
	p := start(t, "--choria-config", conf, "--disable-tls", "--drain-replies", "0s")
	p.until("taking another port")
	p.ready()
	passes(t, fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective), "production")
	p.stop()
}

func caseRotatedPassword(t *testing.T, c testCase) {
	password := filepath.Join(c.dir, "pw")
	write := func(text string) {
		if err := os.WriteFile(password, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var options *server.Options
	n := &fedtest.Networks{Federation: fedtest.StartServer(t, embedded.Options{})}
	n.Collective = fedtest.StartServer(t, embedded.Options{Tune: func(o *server.Options) {
		o.Users = []*server.User{{Username: "relay", Password: "pw1"}}
		options = o.Clone()
	}})
	write("pw1\n")
	conf := c.file(t, "relay.yaml", "/run/pw", password, "127.0.0.1:4300", hostPort(n.Federation), "127.0.0.1:4301", hostPort(n.Collective))
	p := start(t, "--config", conf, "--http", "127.0.0.1:0", "--drain-replies", "0s")
	p.ready()
	options.Users = []*server.User{{Username: "relay", Password: "pw2"}}
	if err := n.Collective.Inner().ReloadOptions(options); err != nil {
		t.Fatal(err)
	}
	p.until("authorization violation")
	write("pw2\n")
	p.until("joined the queue group")
	p.stop()
}

func caseFlowURL(t *testing.T, c testCase) {
	c.check(t, "", []string{"--config", c.file(t, "relay.yaml")}, []string{"OK: cluster london", "federation nats://127.0.0.1:4300, collective nats://127.0.0.1:4301"})
}

func caseDottedCluster(t *testing.T, c testCase) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	conf := c.file(t, "broker.conf", "127.0.0.1:4300", hostPort(n.Federation), "127.0.0.1:4301", hostPort(n.Collective))
	c.check(t, "", []string{"--choria-config", conf, "--disable-tls"}, []string{"OK: cluster eu.london"})
	p := start(t, "--choria-config", conf, "--disable-tls", "--http", "127.0.0.1:0", "--drain-replies", "0s")
	p.ready()
	passes(t, fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective), "eu.london")
	p.stop()
}
