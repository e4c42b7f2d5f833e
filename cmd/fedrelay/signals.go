package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/fedrelay/fedrelay/internal/command"
)

// untilSignal returns a context that the first SIGTERM or SIGINT ends; the second one aborts the
// relay. SIGHUP, which asks other daemons to read their configuration again, must not end this one,
// nor SIGPIPE, which comes when nobody reads the log any more. SIGQUIT is left to the runtime,
// which prints all goroutines. All that holds until the process ends: a signal that comes late does
// not decide about the exit code.
func (l *life) untilSignal(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	go l.ignore(hangups)
	go l.obey(signals, cancel, l.abort)
	return ctx
}

// obey acts on signals before it logs them, because a log may be slow. It returns when signals is
// closed.
func (l *life) obey(signals <-chan os.Signal, drain, abort func()) {
	first := <-signals
	began := time.Now()
	drain()
	l.log.Info("stopping; once more to stop at once", "signal", first.String())
	l.systemd.tell(daemon.SdNotifyStopping + "\n" + l.moreTime())
	for range signals {
		if time.Since(began) >= command.SameSignal {
			abort()
		}
	}
}

func (l *life) abort() {
	l.aborted.Store(true)
	l.process.Abort()
}

func (l *life) ignore(hangups <-chan os.Signal) {
	for range hangups {
		l.log.Warn("SIGHUP: the configuration is read only at the start; restart the relay to change it")
	}
}
