package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// brokerConf is an original broker's configuration between two networks, with a port for metrics
// that is in use.
func brokerConf(t *testing.T, n *fedtest.Networks) (path, port string) {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	_, port, err = net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "broker.conf")
	text := fmt.Sprintf("plugin.choria.broker_federation = true\nplugin.choria.federation.cluster = london\nplugin.choria.stats_port = %s\n"+
		"plugin.choria.federation_middleware_hosts = %s\nplugin.choria.middleware_hosts = %s\n", port, n.Federation.ClientURL(), n.Collective.ClientURL())
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, port
}

// The broker that is to be replaced still runs, and has its port.
func TestRunBesideTheBrokerTakesAnotherPort(t *testing.T) {
	conf, port := brokerConf(t, fedtest.StartNetworks(t, embedded.Options{}))
	p := start(t, "--choria-config", conf, "--disable-tls")
	p.ready()
	said := strings.Join(p.said, "\n")
	if !strings.Contains(said, "plugin.choria.stats_port "+port+" is in use, by the original broker if that still runs; taking another port") {
		t.Errorf("said %s", said)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Done {
		t.Errorf("exit code %d: %s", code, strings.Join(p.said, "\n"))
	}
}

// What the operator has asked for by name is not replaced.
func TestRunBesideTheBrokerKeepsToTheFlag(t *testing.T) {
	conf, port := brokerConf(t, fedtest.StartNetworks(t, embedded.Options{}))
	p := start(t, "--choria-config", conf, "--disable-tls", "--http", "127.0.0.1:"+port)
	if code := p.end(); code != command.Failed || !strings.Contains(strings.Join(p.said, "\n"), "choose another address with --http") {
		t.Errorf("exit code %d: %q", code, p.said)
	}
}
