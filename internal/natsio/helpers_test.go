package natsio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

const patience = 10 * time.Second

// eventually polls a condition that some other goroutine brings about.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !cond() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// recorder is a Handler that writes down its calls, and the events and log lines of its Link.
type recorder struct {
	attach func(ctx context.Context, s *Session) error // set before Run

	mu     sync.Mutex
	calls  []string // "attach 1", "retire 1", "lost 1"
	events []string
	lost   []error
	last   *Session
	log    strings.Builder
}

func (r *recorder) Attach(ctx context.Context, s *Session) error {
	if r.attach != nil {
		if err := r.attach(ctx, s); err != nil {
			return err
		}
	}
	r.note("attach", s, nil)
	return nil
}

func (r *recorder) Retire(_ context.Context, s *Session) error {
	r.note("retire", s, nil)
	return nil
}

func (r *recorder) Lost(s *Session, err error) {
	if s.alive() {
		err = errors.New("BUG: lost while alive")
	}
	r.note("lost", s, err)
}

func (r *recorder) note(call string, s *Session, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf("%s %d", call, s.Epoch))
	if call == "lost" {
		r.lost = append(r.lost, err)
	}
	if call == "attach" {
		r.last = s
	}
}

func (r *recorder) event(_, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, name)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *recorder) logged() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

func (r *recorder) did(call string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.calls, call)
}

func (r *recorder) history() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *recorder) counted(event string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, e := range r.events {
		if e == event {
			n++
		}
	}
	return n
}

func (r *recorder) session() *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

func (r *recorder) lastLost(t *testing.T) error {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lost) == 0 {
		t.Fatal("no session was lost")
	}
	return r.lost[len(r.lost)-1]
}

func start(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func user(name, password string) *natsserver.User {
	return &natsserver.User{Username: name, Password: password}
}

func side(servers ...string) config.Side { return config.Side{Servers: servers} }

func endpoint(t *testing.T, name string, s config.Side) *Endpoint {
	t.Helper()
	e, err := NewEndpoint(name, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// run starts a Link and returns it with a function that ends it, which cleanup also does.
func run(t *testing.T, r *recorder, e *Endpoint) (*Link, func()) {
	t.Helper()
	l := NewLink(LinkConfig{Endpoint: e, Name: "fedrelay test", Handler: r, Log: testLog(r), Events: r.event})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	stop := func() {
		t.Helper()
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("Run does not return")
		}
	}
	t.Cleanup(stop)
	return l, stop
}

// attached waits until l uses its session of that epoch. A handler is called before Status knows of it.
func attached(t *testing.T, l *Link, epoch uint64) {
	t.Helper()
	eventually(t, "attach", func() bool { st := l.Status(); return st.Connected && st.Epoch == epoch })
}

// file writes text to a new file and returns its path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	rewrite(t, path, text)
	return path
}

func rewrite(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}
