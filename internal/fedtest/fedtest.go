// Package fedtest runs relays between real nats-servers for tests, and checks at the end of each
// that the books balance and nothing is left behind.
//
// # Locks
//
// Wiretap.gate is taken before Wiretap.mu; a stalled wiretap holds it until the test ends. The
// mutexes of DNS and Proxy are taken while no other is held.
package fedtest

import (
	"context"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Cluster is the cluster that relays under test serve.
const Cluster = "london"

// Networks are a federation and a collective, and perhaps a line between edges and relays. With a
// line, the federation is the network of the clients.
type Networks struct {
	Federation, Collective *embedded.Server
	Line                   *embedded.Server // nil without edges
}

// StartNetworks starts both servers; they end with the test. Options apply to both.
func StartNetworks(t testing.TB, o embedded.Options) *Networks {
	t.Helper()
	return &Networks{Federation: StartServer(t, o), Collective: StartServer(t, o)}
}

// StartLine starts three servers; they end with the test. Options apply to all.
func StartLine(t testing.TB, o embedded.Options) *Networks {
	t.Helper()
	n := StartNetworks(t, o)
	n.Line = StartServer(t, o)
	return n
}

// StartServer starts one server; it ends with the test.
func StartServer(t testing.TB, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Config returns settings for a relay between the networks, for quick tests: it does not wait for
// late replies when it is stopped, and opens no HTTP port.
func (n *Networks) Config() config.Config {
	c := quick()
	c.Cluster = Cluster
	c.Identity = "relay1"
	c.Federation.Servers = []string{n.Federation.ClientURL()}
	if n.Line != nil {
		c.Federation.Servers = []string{n.Line.ClientURL()}
	}
	c.Collective.Servers = []string{n.Collective.ClientURL()}
	return c
}

// Group is the group of edges under test.
const Group = "ams"

// EdgeConfig returns settings for an edge between federation and line, for quick tests.
func (n *Networks) EdgeConfig() config.Config {
	c := quick()
	c.Edge.Clusters, c.Edge.Group = []string{Cluster}, Group
	c.Identity = "edge1"
	c.Federation.Servers = []string{n.Federation.ClientURL()}
	c.Line.Servers = []string{n.Line.ClientURL()}
	return c
}

func quick() config.Config {
	c := config.Default()
	c.Drain.Replies = 0
	c.Pipeline.Lanes = 1 // the same connections throughout, however many nodes a test invents
	c.HTTP.Listen = "off"
	return c
}

type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Log returns a logger that writes to the test's output if FEDTEST_LOG is set, else nowhere.
func Log(t testing.TB) *slog.Logger {
	if os.Getenv("FEDTEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Connect connects to a server. The connection survives restarts of the server and ends with the
// test.
func Connect(t testing.TB, s *embedded.Server, o ...nats.Option) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	var once sync.Once
	all := append([]nats.Option{
		nats.ReconnectWait(10 * time.Millisecond),
		nats.MaxReconnects(-1),
		nats.ReconnectBufSize(-1),
		nats.ClosedHandler(func(*nats.Conn) { once.Do(func() { close(closed) }) }),
	}, o...)
	nc, err := nats.Connect(s.ClientURL(), all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		<-closed
	})
	return nc
}
