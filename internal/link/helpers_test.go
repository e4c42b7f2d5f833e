package link

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a Handler that writes down its calls, beside the events and log lines of its Link.
type recorder struct {
	attach func(ctx context.Context, s *Session) error // set before Run

	natstest.Witness

	mu    sync.Mutex
	calls []string // "attach 1", "retire 1", "lost 1"
	lost  []error
	last  *Session
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
	if s.Alive() {
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

func endpoint(t *testing.T, name string, s config.Side) *Endpoint {
	t.Helper()
	e, err := NewEndpoint(name, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// portably has e use the library plane if portable is set.
func portably(portable bool, e *Endpoint) *Endpoint {
	e.Portable = portable
	return e
}

// run starts a Link and returns it with a function that stops it. Cleanup stops it, too.
func run(t *testing.T, r *recorder, e *Endpoint) (*Link, func()) {
	t.Helper()
	l := New(Config{Endpoint: e, Name: "fedrelay test", Handler: r, Log: natstest.Log(r), Events: r.Event})
	return l, keep(t, l)
}

// keep runs a Link until stop is called. Cleanup calls it, too.
func keep(t *testing.T, l *Link) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	stop = func() {
		t.Helper()
		cancel()
		select {
		case <-done:
		case <-time.After(natstest.Patience):
			t.Error("Run does not return")
		}
	}
	t.Cleanup(stop)
	return stop
}

// attached blocks until l uses its session of that epoch. Status shows a session only after the
// handler has got it.
func attached(t *testing.T, l *Link, epoch uint64) {
	t.Helper()
	natstest.Eventually(t, "attach", func() bool { st := l.Status(); return st.Connected && st.Epoch == epoch })
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}
