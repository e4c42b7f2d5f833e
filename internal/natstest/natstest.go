// Package natstest is for tests of connections: servers that say what they are told, certificates,
// a time of their own.
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

func Log(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

const Patience = 10 * time.Second

// Eventually polls a condition that some other goroutine brings about.
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

func Start(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func User(name, password string) *natsserver.User {
	return &natsserver.User{Username: name, Password: password}
}

func Side(servers ...string) config.Side { return config.Side{Servers: servers} }

// File writes text to a new file and returns its path.
func File(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	Rewrite(t, path, text)
	return path
}

func Rewrite(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Bubble runs a test in a bubble of synctest. nats.go keeps timers for the next use, which must not
// come from another bubble: they go with the second collection.
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

// Pass lets the time of the bubble go on, and everything come to rest.
func Pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// OnBothPlanes runs test where the frames are ours, and where nats.go has them.
func OnBothPlanes(t *testing.T, test func(t *testing.T, portable bool)) {
	t.Run("framed", func(t *testing.T) { test(t, false) })
	t.Run("portable", func(t *testing.T) { test(t, true) })
}

// Client connects as somebody else.
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

func Succeeds(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// PatientServer stays for a while after it has announced its end.
func PatientServer(t *testing.T, name string) *embedded.Server {
	t.Helper()
	return Start(t, embedded.Options{Name: name, Tune: func(o *natsserver.Options) {
		o.LameDuckGracePeriod = 30 * time.Second
		o.LameDuckDuration = 31 * time.Second
	}})
}

func NKeyPair(t *testing.T, create func() (nkeys.KeyPair, error)) (pair nkeys.KeyPair, public, seed string) {
	t.Helper()
	pair = Must(create())
	return pair, Must(pair.PublicKey()), string(Must(pair.Seed()))
}

// A Witness writes down the events and the log lines of a link.
type Witness struct {
	mu     sync.Mutex
	Events []string
	log    strings.Builder
}

func (w *Witness) Event(_, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Events = append(w.Events, name)
}

func (w *Witness) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *Witness) Logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

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
