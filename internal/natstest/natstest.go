// Package natstest helps the tests of socket, link and natsio: with fake servers that say what they
// are told, with real ones, certificates, virtual time, and a witness of events and log lines. It
// is imported by tests only.
//
//	natstest.go  real servers and clients, files, waiting, virtual time, Witness
//	fake.go      fake servers: Server, Broker, Pipe
//	tls.go       Authority and its certificates
package natstest

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Log returns a logger that writes text lines to w.
func Log(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// Patience is how long a test waits for something that should happen soon.
const Patience = 10 * time.Second

// Eventually blocks until cond holds, which another goroutine brings about. It fails the test,
// which it tells what did not happen, after Patience.
func Eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(Patience)
	for !cond() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not within %s: %s", Patience, what)
		}
	}
}

// Start starts a NATS server, which ends with the test.
func Start(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// User is a login for embedded.Options.
func User(name, password string) *natsserver.User {
	return &natsserver.User{Username: name, Password: password}
}

// Side is the configuration of a side that connects to servers.
func Side(servers ...string) config.Side { return config.Side{Servers: servers} }

// File writes text to a new file and returns its path.
func File(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	Rewrite(t, path, text)
	return path
}

// Rewrite writes text to the file at path.
func Rewrite(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Bubble runs a test in a bubble of synctest, where time is virtual. nats.go keeps timers in a
// pool, and those of one bubble must not be used in another: they go with the second collection.
func Bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	forgetTimers()
	defer forgetTimers()
	synctest.Test(t, test)
}

func forgetTimers() {
	runtime.GC()
	runtime.GC()
}

// Pass lets d of the bubble's time go by, then blocks until everything has come to rest.
func Pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// OnBothPlanes runs test once for the framed plane and once for the library plane.
func OnBothPlanes(t *testing.T, test func(t *testing.T, portable bool)) {
	t.Run("framed", func(t *testing.T) { test(t, false) })
	t.Run("portable", func(t *testing.T) { test(t, true) })
}

// Client is a connection of nats.go's own, which ends with the test.
func Client(t *testing.T, url string) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	nc, err := nats.Connect(url, nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		<-closed
	})
	return nc
}

// Must returns v, and panics if err is not nil.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Succeeds ends the test if err is not nil.
func Succeeds(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// PatientServer starts a NATS server that stays for half a minute after it has announced its end.
func PatientServer(t *testing.T, name string) *embedded.Server {
	t.Helper()
	return Start(t, embedded.Options{Name: name, Tune: func(o *natsserver.Options) {
		o.LameDuckGracePeriod = 30 * time.Second
		o.LameDuckDuration = 31 * time.Second
	}})
}

// NKeyPair makes a pair of keys, and returns it with its texts.
func NKeyPair(t *testing.T, create func() (nkeys.KeyPair, error)) (pair nkeys.KeyPair, public, seed string) {
	t.Helper()
	pair = Must(create())
	return pair, Must(pair.PublicKey()), string(Must(pair.Seed()))
}

// A Witness writes down the events and the log lines of a link.
type Witness struct {
	// Guarded by mu.
	mu     sync.Mutex
	Events []string // may be read when the link has ended
	log    strings.Builder
}

// Event is for the field Events of a link.Config.
func (w *Witness) Event(_, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Events = append(w.Events, name)
}

// Write takes a log line.
func (w *Witness) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

// Logged returns all log lines.
func (w *Witness) Logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// Counted is how often an event was counted.
func (w *Witness) Counted(event string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.Events {
		if e == event {
			n++
		}
	}
	return n
}
