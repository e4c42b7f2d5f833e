package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// One process carries for two clusters, and says which is which when it ends.
func TestAnEdgeServesAndDrains(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	clients, line := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Line)
	p := startVerb(t, edgeVerb, "--cluster", "london", "--cluster", "tokyo", "--federation", n.Federation.ClientURL(),
		"--line", n.Line.ClientURL(), "--http", "127.0.0.1:0", "--drain-replies", "0s")
	p.ready()
	clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(3)...))
	if m := line.Next(); m.Subject != fedtest.FederationSubject {
		t.Error(m.Subject)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Done {
		t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
	}
	said := strings.Join(p.said, "\n")
	for _, want := range []string{
		"ledger: cluster london: request: received 1 = accepted 1 + rejected 0, copies 3 = confirmed 3 ",
		"ledger: cluster tokyo: request: received 0 ",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	for _, text := range p.said {
		var entry struct{ Side, Cluster, Msg string }
		if err := json.Unmarshal([]byte(text), &entry); err != nil || entry.Side != "" && entry.Cluster == "" || strings.Contains(text, "collective") {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// A process that was never connected to the line says so by its exit code.
func TestAnEdgeWithoutALineEndsWithItsOwnCode(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	p := startVerb(t, edgeVerb, "--cluster", "london", "--federation", n.Federation.ClientURL(), "--line", "nats://127.0.0.1:1",
		"--http", "off")
	p.until("connected")
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != command.Unreachable {
		t.Errorf("exit code %d", code)
	}
}
