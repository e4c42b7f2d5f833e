package relay

import (
	"log/slog"
	"sync"
	"time"
)

// denials logs subjects that a server refuses to have published: at most one line per interval.
type denials struct {
	log      *slog.Logger
	interval time.Duration

	// Guarded by mu.
	mu         sync.Mutex
	at         time.Time
	suppressed int
}

// denied is told about every refused copy. The subject has passed the rules, so it may be logged.
func (d *denials) denied(subject string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if !d.at.IsZero() && now.Sub(d.at) < d.interval {
		d.suppressed++
		return
	}
	d.log.Warn("the server denies publishing: allow the relay's user to publish there",
		"subject", subject, "suppressed", d.suppressed)
	d.at, d.suppressed = now, 0
}
