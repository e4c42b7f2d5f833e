package relay

import (
	"log/slog"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

// drops logs refused messages: at most one line per reason and interval, and never what was in them.
type drops struct {
	log      *slog.Logger
	interval time.Duration

	// Guarded by mu.
	mu     sync.Mutex
	logged [wire.NumReasons]struct {
		at         time.Time
		suppressed int
	}
}

// dropped is told about every refused message.
func (d *drops) dropped(r wire.Reason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	last, now := &d.logged[r], time.Now()
	if !last.at.IsZero() && now.Sub(last.at) < d.interval {
		last.suppressed++
		return
	}
	args := []any{"reason", r.String(), "suppressed", last.suppressed}
	if hint := hints[r]; hint != "" {
		args = append(args, "hint", hint)
	}
	d.log.Warn("message refused", args...)
	last.at, last.suppressed = now, 0
}

// hints say what an operator can do about a reason.
var hints = map[wire.Reason]string{
	wire.DuplicateKey:    "a message that is read in two ways; \"compat: peer\" accepts it as the incumbent does",
	wire.TooManyTargets:  "raise limits.targets, or have the client name fewer nodes in a message",
	wire.TooManyHops:     "raise limits.hops where clients batch with a remote signer: they repeat their hop",
	wire.FanoutBytes:     "raise limits.fanout_bytes, or have the client name fewer nodes in a message",
	wire.SubjectTooLong:  "raise limits.subject_length where node names are that long",
	wire.NotAllowed:      "see allow.collectives; only nodes, agents and services can be addressed",
	wire.ReplyNotAllowed: "see allow.replies for clients that choose their own reply subject",
	wire.TooLarge:        "raise max_payload on the side that it goes to",
}
