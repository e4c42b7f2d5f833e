package relay

import (
	"fmt"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/wire"
)

// hops makes the trace entries of one path. It is for one goroutine.
type hops struct {
	mode        string        // config.Trace
	by          string        // the name of this relay
	destination func() string // URL of the server that is published to

	// The last entry, and the servers that it names. It is used again while the servers stay the
	// same.
	last             []byte
	lastFrom, lastTo string
}

// newHops returns the hops of a path.
func newHops(c config.Config, p *path) *hops {
	by := fmt.Sprintf("%s (fedrelay:%s)", c.Identity, c.Cluster)
	return &hops{mode: c.Trace, by: by, destination: p.destination}
}

// entry returns the hop to add to the trace of a message, or nil if none is wanted. from is the URL
// of the server that the message came from. The result is valid until the next call.
func (h *hops) entry(from string, env *wire.Envelope) []byte {
	if h.mode == "never" || h.mode == "preserve" && !env.HasTrace {
		return nil
	}
	if to := h.destination(); h.last == nil || from != h.lastFrom || to != h.lastTo {
		h.last = wire.AppendHop(h.last[:0], inTrace(from), h.by, inTrace(to))
		h.lastFrom, h.lastTo = from, to
	}
	return h.last
}

// inTrace returns the URL of a server as Choria's programs write it in traces, TLS or not. mco
// draws one server as two if its neighbours in a trace write it differently.
func inTrace(url string) string {
	if rest, ok := strings.CutPrefix(url, "tls://"); ok {
		return "nats://" + rest
	}
	return url
}

// hopsCarried returns how many hops of a message's own trace are written. If the relay adds a hop,
// that one takes one of the limits.hops places.
func hopsCarried(c config.Config) int {
	if c.Trace == "never" {
		return c.Limits.Hops
	}
	return c.Limits.Hops - 1
}
