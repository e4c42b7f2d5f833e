package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// systemd is what passes on to systemd how far a run has got. It never blocks: systemd may be busy.
type systemd struct {
	listens bool // a systemd has started this process, and wants to know
	states  chan string
}

// newSystemd starts a goroutine that may block instead. It lives as long as the process.
func newSystemd(log *slog.Logger) systemd {
	s := systemd{
		listens: os.Getenv("NOTIFY_SOCKET") != "",
		states:  make(chan string, 8), // more than a run has to say at once
	}
	go func() {
		for state := range s.states {
			if _, err := daemon.SdNotify(false, state); err != nil {
				log.Warn("cannot notify systemd", "error", err)
			}
		}
	}()
	return s
}

// tell does nothing where no systemd has started this process.
func (s systemd) tell(state string) {
	if !s.listens {
		return
	}
	select {
	case s.states <- state:
	default:
	}
}

// moreTime asks systemd for as long as a drain may take.
func (l *life) moreTime() string {
	const spare = 5 * time.Second
	return fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", (l.drainTime() + spare).Microseconds())
}
