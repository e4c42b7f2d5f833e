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

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// Cluster is the cluster that relays under test serve.
const Cluster = "london"

// Patience is how long a test waits for what must happen.
const Patience = 20 * time.Second

// Networks are a federation and a collective.
type Networks struct {
	Federation, Collective *embedded.Server
}

// StartNetworks starts both servers; they end with the test. Options apply to both.
func StartNetworks(t testing.TB, o embedded.Options) *Networks {
	t.Helper()
	return &Networks{Federation: StartServer(t, o), Collective: StartServer(t, o)}
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
	c := config.Default()
	c.Cluster = Cluster
	c.Identity = "relay1"
	c.Federation.Servers = []string{n.Federation.ClientURL()}
	c.Collective.Servers = []string{n.Collective.ClientURL()}
	c.Drain.Replies = 0
	c.HTTP.Listen = "off"
	return c
}

// A Relay runs until Stop, at the latest at the end of the test.
type Relay struct {
	*relay.Relay

	t      testing.TB
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what Run returned, once done is closed
	once   sync.Once
}

// StartRelay runs a relay and waits until it is ready.
func StartRelay(t testing.TB, c config.Config) *Relay {
	t.Helper()
	r := LaunchRelay(t, c)
	r.WaitReady()
	return r
}

// LaunchRelay runs a relay and does not wait.
func LaunchRelay(t testing.TB, c config.Config) *Relay {
	t.Helper()
	return LaunchRelayOver(t, c, nil, nil)
}

// LaunchRelayOver is LaunchRelay for a relay that dials through proxies without sockets. Both may
// be nil.
func LaunchRelayOver(t testing.TB, c config.Config, federation, collective *Proxy) *Relay {
	t.Helper()
	o := relay.Options{Log: Log(t), Version: "test"}
	if federation != nil {
		dials := map[string]dial{"federation": federation.Dial, "collective": collective.Dial}
		o.Dial = func(side string) dial { return dials[side] }
	}
	inner, err := relay.New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Relay{Relay: inner, t: t, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = inner.Run(ctx)
	}()
	t.Cleanup(func() { r.Stop() })
	return r
}

type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Log returns a logger that writes to the test's output if FEDTEST_LOG is set, else nowhere.
func Log(t testing.TB) *slog.Logger {
	if os.Getenv("FEDTEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// WaitReady waits until the relay is ready.
func (r *Relay) WaitReady() {
	r.t.Helper()
	Eventually(r.t, "the relay is ready", func() bool {
		ok, _ := r.Ready()
		return ok
	})
}

// Drain asks the relay to stop and does not wait.
func (r *Relay) Drain() { r.cancel() }

// Done is closed when the relay has ended.
func (r *Relay) Done() <-chan struct{} { return r.done }

// Stop drains the relay, checks its books, and returns what Run returned.
func (r *Relay) Stop() error {
	r.t.Helper()
	r.cancel()
	select {
	case <-r.done:
	case <-time.After(time.Minute):
		r.t.Fatal("the relay does not stop")
	}
	r.once.Do(r.check)
	return r.err
}

// check is the ledger check and the leak check of a relay that has ended.
func (r *Relay) check() {
	r.t.Helper()
	request, reply := r.Ledgers()
	if !request.Balanced() {
		r.t.Errorf("the request ledger does not balance: %s", request.String())
	}
	if !reply.Balanced() {
		r.t.Errorf("the reply ledger does not balance: %s", reply.String())
	}
	if n := r.Unaccounted(); n != 0 {
		r.t.Errorf("%d unaccounted", n)
	}
	if n := r.BuffersInUse(); n != 0 {
		r.t.Errorf("%d buffers are still lent", n)
	}
}

// Eventually asks ok again and again until it says yes, at most for Patience.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	Within(t, Patience, 2*time.Millisecond, what, ok)
}

// Within is Eventually for what takes longer, or is to be asked less often.
func Within(t testing.TB, patience, every time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
