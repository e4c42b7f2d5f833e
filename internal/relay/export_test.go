package relay

import "github.com/fedrelay/fedrelay/internal/link"

// SettleSoon asks the servers to answer for all copies now, and not only with the next barrier. It
// does not block.
func (r *Relay) SettleSoon() {
	for _, p := range []*path{r.request, r.reply} {
		for _, l := range p.inUse() {
			l.publisher.SettleSoon()
		}
	}
}

// UnequalClock is the warning about the clock of a connection's server, or "".
func UnequalClock(side string, st link.Status) string { return unequalClock(side, st) }
