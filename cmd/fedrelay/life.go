package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
)

// life is one life of `fedrelay run`: serve, relay, drain, tell.
type life struct {
	relay     *relay.Relay
	log       *slog.Logger
	http      config.HTTP
	portsFile string
	strict    bool
	ledger    io.Writer

	aborted atomic.Bool
}

func (l *life) run(ctx context.Context) error {
	stopServing, err := l.serve()
	if err != nil {
		return err
	}
	// Metrics and health stay up while draining.
	defer stopServing()
	ctx, stopWatching := l.untilSignal(ctx)
	defer stopWatching()
	l.tell(daemon.SdNotifyReady)
	err = l.relay.Run(ctx)
	fmt.Fprintln(l.ledger, l.relay.LedgerLine())
	return l.outcome(err)
}

// tell informs systemd; without it there is nobody to tell and nothing happens.
func (l *life) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		l.log.Warn("cannot notify systemd", "error", err)
	}
}

// outcome turns the end of a run into an exit code.
func (l *life) outcome(err error) error {
	switch {
	case l.aborted.Load():
		return exit(exitAborted, errors.New("stopped at once by a second signal"))
	case l.neverConnected():
		return exit(exitUnreachable, errors.New("was never connected to both sides"))
	case l.strict && l.unconfirmed() > 0:
		return exit(exitUnconfirmed, fmt.Errorf("drained, but %d copies are unconfirmed", l.unconfirmed()))
	}
	return err
}

func (l *life) neverConnected() bool {
	for _, side := range l.relay.Sides() {
		for _, c := range side.Connections {
			if c.Epoch == 0 {
				return true
			}
		}
	}
	return false
}

func (l *life) unconfirmed() int64 {
	request, reply := l.relay.Ledgers()
	return request.Fate(pipeline.Unconfirmed) + reply.Fate(pipeline.Unconfirmed)
}
