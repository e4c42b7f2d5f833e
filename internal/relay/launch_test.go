package relay_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// launchWith runs a relay that logs to log.
func launchWith(t *testing.T, c config.Config, log *slog.Logger) *relay.Relay {
	t.Helper()
	r, err := relay.New(c, relay.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	runUntilEnd(t, r)
	return r
}

// runUntilEnd runs r until the test has ended.
func runUntilEnd(t *testing.T, r *relay.Relay) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// A logBook keeps log lines. It may be written and read at the same time.
type logBook struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

func (l *logBook) count(text string) int { return strings.Count(l.String(), text) }
