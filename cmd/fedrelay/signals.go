package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"
)

// untilSignal returns a context that the first SIGTERM or SIGINT ends; the second one aborts the relay. SIGQUIT is left to
// the runtime, which prints all goroutines. Call stop when there is nothing left to stop.
func (l *life) untilSignal(parent context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		first, ok := <-signals
		if !ok {
			return
		}
		l.log.Info("stopping; once more to stop at once", "signal", first.String())
		l.tell(daemon.SdNotifyStopping)
		cancel()
		if _, ok := <-signals; ok {
			l.aborted.Store(true)
			l.relay.Abort()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}
