package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// A sleeper is a view that is not ready.
type sleeper struct{ telemetry.View }

func (sleeper) Info() telemetry.Info    { return telemetry.Info{} }
func (sleeper) Ready() (bool, []string) { return false, []string{"collective: not\nconnected"} }

// A service is told ready after readyPatience, whatever is missing, so that a boot goes on.
func TestSystemdIsNotKeptWaitingForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		began := time.Now()
		var after time.Duration
		h := &herald{
			tell: func(s string) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, s)
				if s == "READY=1" {
					after = time.Since(began)
				}
			},
			views:   func() []telemetry.View { return []telemetry.View{sleeper{}} },
			refused: func() bool { return true },
			log:     slog.New(slog.DiscardHandler),
		}
		ctx, stop := context.WithCancel(t.Context())
		go h.run(ctx)
		<-time.After(2 * readyPatience)
		stop()
		synctest.Wait()
		status := "STATUS=the last reload was refused; not ready: collective: not connected"
		if !slices.Equal(told, []string{status, "READY=1"}) || after != readyPatience {
			t.Errorf("told %q, ready after %s", told, after)
		}
	})
}

// The watchdog hears of life three times as often as it looks, and nothing while a path hangs. The
// log says so once.
func TestTheWatchdogHearsNothingWhileAPathHangs(t *testing.T) {
	var log strings.Builder
	var stuck []string
	alive := 0
	h := &herald{
		tell: func(s string) {
			if s == "WATCHDOG=1" {
				alive++
			}
		},
		hangs: func() []string { return stuck },
		log:   slog.New(slog.NewTextHandler(&log, nil)),
	}
	for i, want := range []int{1, 1, 1, 2, 2} {
		stuck = nil
		if i != 0 && i != 3 {
			stuck = []string{"request"}
		}
		if h.tellAlive(); alive != want {
			t.Errorf("look %d: told %d times", i, alive)
		}
	}
	if n := strings.Count(log.String(), "paths=[request]"); n != 2 {
		t.Errorf("logged %d times, not at each beginning: %s", n, log.String())
	}
}

func TestStatusIsOneShortLine(t *testing.T) {
	if got := oneLine(strings.Repeat("x\ny\t", 500) + "\xff"); strings.ContainsAny(got, "\n\t") || len(got) > 310 {
		t.Errorf("%q", got)
	}
}
