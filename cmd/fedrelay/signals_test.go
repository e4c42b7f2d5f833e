package main

import (
	"log/slog"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
)

func TestASecondSignalCountsAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		drained, aborted := 0, 0
		l := &life{log: slog.New(slog.DiscardHandler)}
		go l.obey(signals, func() { drained++ }, func() { aborted++ })
		for i, step := range []struct {
			after            time.Duration
			signal           os.Signal
			drained, aborted int
		}{
			{0, syscall.SIGTERM, 1, 0}, {0, syscall.SIGTERM, 1, 0}, {command.SameSignal / 2, syscall.SIGTERM, 1, 0},
			{command.SameSignal / 2, syscall.SIGUSR2, 1, 0}, // asks for a drain only, however often
			{0, syscall.SIGTERM, 1, 1},
		} {
			<-time.After(step.after)
			signals <- step.signal
			synctest.Wait()
			if drained != step.drained || aborted != step.aborted {
				t.Errorf("signal %d: drained %d, aborted %d", i, drained, aborted)
			}
		}
		close(signals)
	})
}
