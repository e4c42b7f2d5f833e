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

// untilSignal returns a context that the first SIGTERM, SIGINT or SIGUSR2 ends; a second SIGTERM or
// SIGINT aborts the relay. SIGUSR2 is what nats-server has for that: it never aborts. SIGHUP has
// the configuration read again. SIGPIPE must not end the process, which comes when nobody reads the
// log any more. SIGQUIT is left to the runtime, which prints all goroutines. All that holds until
// the process ends: a signal that comes late does not decide about the exit code.
func (l *life) untilSignal(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt, drainSignal)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	go l.reloadAt(hangups)
	go l.obey(signals, cancel, l.abort)
	return ctx
}

// drainSignal asks for a drain, as at nats-server.
const drainSignal = syscall.SIGUSR2

// obey acts on signals before it logs them, because a log may be slow. It returns when signals is
// closed.
func (l *life) obey(signals <-chan os.Signal, drain, abort func()) {
	first := <-signals
	began := time.Now()
	drain()
	l.log.Info("stopping; once more to stop at once", "signal", first.String())
	if l.systemd.listens {
		l.systemd.tell(daemon.SdNotifyStopping + "\n" + l.moreTime())
	}
	for s := range signals {
		if s != drainSignal && time.Since(began) >= command.SameSignal {
			abort()
		}
	}
}

func (l *life) abort() {
	l.aborted.Store(true)
	l.process.Abort()
}

func (l *life) reloadAt(hangups <-chan os.Signal) {
	for range hangups {
		l.reloader.reload("SIGHUP")
	}
}
