package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// untilSignal returns a context that the first SIGTERM or SIGINT ends; the second one aborts the relay. SIGHUP, which asks
// other daemons to read their configuration again, must not end this one. SIGQUIT is left to the runtime, which prints all
// goroutines. Call stop when there is nothing left to stop.
func (l *life) untilSignal(parent context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go l.ignore(hangups)
	go func() {
		first, ok := <-signals
		if !ok {
			return
		}
		l.log.Info("stopping; once more to stop at once", "signal", first.String())
		l.tell(daemon.SdNotifyStopping + "\n" + l.moreTime())
		cancel()
		if _, ok := <-signals; ok {
			l.aborted.Store(true)
			l.relay.Abort()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Stop(hangups)
		close(signals)
		close(hangups)
		cancel()
	}
}

func (l *life) ignore(hangups <-chan os.Signal) {
	for range hangups {
		l.log.Warn("SIGHUP: the configuration is read only at the start; restart the relay to change it")
	}
}

// moreTime asks systemd for as long as a drain may take.
func (l *life) moreTime() string {
	const spare = 5 * time.Second
	return fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", (l.drain + spare).Microseconds())
}
