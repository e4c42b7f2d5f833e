package relay

import (
	"fmt"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/wire"
)

// hops makes the trace entries of one path. It is used by one goroutine.
type hops struct {
	mode        string        // config.Trace
	by          string        // the name of this relay
	destination func() string // URL of the server that is published to

	// The entry made last, and the servers that it names. It is used again while they stay the
	// same.
	last             []byte
	lastFrom, lastTo string
}

// newHops returns what makes the entries for the messages of a path.
func newHops(c config.Config, p *path) *hops {
	by := fmt.Sprintf("%s (fedrelay:%s)", c.Identity, c.Cluster)
	return &hops{mode: c.Trace, by: by, destination: p.destination}
}

// entry returns the hop to add to the trace of a message that came from a server, or nil if none is
// wanted. The result is good until the next call.
func (h *hops) entry(from string, env *wire.Envelope) []byte {
	if h.mode == "never" || h.mode == "preserve" && !env.HasTrace {
		return nil
	}
	if to := h.destination(); h.last == nil || from != h.lastFrom || to != h.lastTo {
		h.last = wire.AppendHop(h.last[:0], from, h.by, to)
		h.lastFrom, h.lastTo = from, to
	}
	return h.last
}

// hopsCarried is how many hops of a message's own trace are written: the relay's hop takes one
// place of limits.hops, where the relay adds any.
func hopsCarried(c config.Config) int {
	if c.Trace == "never" {
		return c.Limits.Hops
	}
	return c.Limits.Hops - 1
}
