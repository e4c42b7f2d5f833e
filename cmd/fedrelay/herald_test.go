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

	"github.com/fedrelay/fedrelay/internal/relay"
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
			views:    func() []telemetry.View { return []telemetry.View{sleeper{}} },
			progress: func() relay.Progress { return nil },
			refused:  func() bool { return true },
			log:      slog.New(slog.DiscardHandler),
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

func TestStatusIsOneShortLine(t *testing.T) {
	if got := oneLine(strings.Repeat("x\ny\t", 500) + "\xff"); strings.ContainsAny(got, "\n\t") || len(got) > 310 {
		t.Errorf("%q", got)
	}
}
