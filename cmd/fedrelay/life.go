package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A life is what one `fedrelay run` or `fedrelay edge` does: serve metrics, relay, drain, log the
// books.
type life struct {
	process   *relay.Process
	log       *slog.Logger
	http      config.HTTP
	anyPort   bool // take another port if that of http is in use
	portsFile string
	strict    bool
	dropped   func() int64 // log lines that nobody will read
	reloader  *reloader
	systemd   systemd

	aborted atomic.Bool
}

func (l *life) run(ctx context.Context) error {
	stopServing, err := l.serve()
	if err != nil {
		return err
	}
	// Metrics and health stay up while draining.
	defer stopServing()
	ctx = l.untilSignal(ctx)
	defer l.herald()()
	err = l.process.Run(ctx)
	for _, line := range l.process.LedgerLines() {
		logAlways(l.log.Handler(), slog.LevelInfo, line)
	}
	return l.ending(err).exit()
}

// herald tells systemd how the run goes, until stop is called, which waits for the end of that.
func (l *life) herald() (stop func()) {
	if !l.systemd.listens {
		return func() {}
	}
	h := &herald{
		tell: l.systemd.tell, views: l.process.Views, hangs: hanging(l.process), log: l.log,
		refused: func() bool { return l.reloader.counted().LastRefused },
	}
	var err error
	if h.watchdog, err = daemon.SdWatchdogEnabled(false); err != nil {
		l.log.Warn("systemd's watchdog gets no signs of life", "error", err)
	}
	l.reloader.tells(h.reloading, h.reloaded)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// hanging returns a function that says which paths have not moved since its last call.
func hanging(p *relay.Process) func() []string {
	var before relay.Progress
	return func() []string {
		now := p.Progress()
		stuck := now.StuckSince(before)
		before = now
		return stuck
	}
}

// drainTime is how long a drain may take.
func (l *life) drainTime() time.Duration { return l.process.Settings().Drain.Timeout }

// ending is all that decides about the exit code of a run.
type ending struct {
	err         error
	aborted     bool
	connected   bool // to both sides, at least once
	unconfirmed int64
	strict      bool
}

func (l *life) ending(err error) ending {
	return ending{err, l.aborted.Load(), l.process.Connected(), l.process.Unconfirmed(), l.strict}
}

func (e ending) exit() error {
	switch {
	case e.aborted:
		return command.Exit(command.Interrupted, errors.New("stopped at once by a second signal"))
	case !e.connected:
		return command.Exit(command.Unreachable, errors.New("was never connected to both sides"))
	case e.strict && e.unconfirmed > 0:
		return command.Exit(exitUnconfirmed, fmt.Errorf("drained, but %d copies are unconfirmed", e.unconfirmed))
	}
	return e.err
}
