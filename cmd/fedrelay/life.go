package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	drain     time.Duration // how long a drain may take
	dropped   func() int64  // log lines that nobody will read
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
	l.systemd.tell(daemon.SdNotifyReady)
	err = l.process.Run(ctx)
	for _, line := range l.process.LedgerLines() {
		logAlways(l.log.Handler(), slog.LevelInfo, line)
	}
	return l.ending(err).exit()
}

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
