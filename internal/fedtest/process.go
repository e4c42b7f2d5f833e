package fedtest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A Process is what `fedrelay run` or `fedrelay edge` runs, with its service for operators. It runs
// until Stop, at the latest until the end of the test.
type Process struct {
	*relay.Process

	t      testing.TB
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what Run returned, once done is closed
	once   sync.Once
}

// StartProcess runs a process and waits until all of its relays are ready.
func StartProcess(t testing.TB, c config.Config, log *slog.Logger) *Process {
	t.Helper()
	p := LaunchProcess(t, c, log)
	p.WaitReady()
	return p
}

// LaunchProcess runs a process and does not wait. Without a log it writes where Log does.
func LaunchProcess(t testing.TB, c config.Config, log *slog.Logger) *Process {
	t.Helper()
	if log == nil {
		log = Log(t)
	}
	inner, err := relay.NewProcess(c, relay.Options{Version: "test", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Process{Process: inner, t: t, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = inner.Run(ctx)
	}()
	t.Cleanup(func() { p.Stop() })
	return p
}

// Stop drains the process, checks its books, and returns what Run returned.
func (p *Process) Stop() error {
	p.t.Helper()
	p.cancel()
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		p.t.Fatal("the process does not stop")
	}
	p.once.Do(p.check)
	return p.err
}

// check is the check of the books of all relays, which have ended.
func (p *Process) check() {
	p.t.Helper()
	for _, source := range p.Sources() {
		i := source.Instance()
		if n := i.Request.Unaccounted + i.Reply.Unaccounted; n != 0 {
			p.t.Errorf("%s: %d unaccounted", i.Cluster, n)
		}
		if n := i.Request.BufferBytes + i.Reply.BufferBytes; n != 0 {
			p.t.Errorf("%s: %d bytes of buffers are still lent", i.Cluster, n)
		}
	}
}

// WaitReady waits until all relays are ready.
func (p *Process) WaitReady() {
	p.t.Helper()
	Eventually(p.t, "the process is ready", func() bool {
		for _, v := range p.Views() {
			if ok, _ := v.Ready(); !ok {
				return false
			}
		}
		return true
	})
}

// Drain asks the process to stop and does not wait.
func (p *Process) Drain() { p.cancel() }
