package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// systemd is told what a life is at. Nobody waits until it listens.
type systemd struct {
	states chan string
}

// newSystemd starts the goroutine that waits instead, for as long as the process lives.
func newSystemd(log *slog.Logger) systemd {
	s := systemd{states: make(chan string, 8)} // more than there are in a life
	go func() {
		for state := range s.states {
			if _, err := daemon.SdNotify(false, state); err != nil {
				log.Warn("cannot notify systemd", "error", err)
			}
		}
	}()
	return s
}

// tell does nothing where there is no systemd.
func (s systemd) tell(state string) {
	select {
	case s.states <- state:
	default:
	}
}

// moreTime asks systemd for as long as a drain may take.
func (l *life) moreTime() string {
	const spare = 5 * time.Second
	return fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", (l.drain + spare).Microseconds())
}
