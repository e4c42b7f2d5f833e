package relay

import (
	"cmp"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// unequalPayloads warns if the servers of both sides do not take messages of the same size. It is
// one of Relay.warners.
func (r *Relay) unequalPayloads() []string {
	a, b := r.reply.knownPayload(), r.request.knownPayload()
	if a == 0 || b == 0 || a == b {
		return nil
	}
	return []string{fmt.Sprintf("max_payload is %s on the %s and %s on the %s: what is larger than the lesser is refused; set the same on the servers of both",
		config.Size(a), r.reply.to, config.Size(b), r.request.to)}
}

// knownPayload returns the size in bytes of the largest payload that all lanes can publish, as far
// as that is known, or 0.
func (p *path) knownPayload() (least int64) {
	for _, l := range p.inUse() {
		if n := l.publisher.MaxPayload(); n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// clockApart is from how far apart the clocks of this host and of a server are worth a warning. A
// Choria request lives for a minute, as a rule.
const clockApart = 5 * time.Second

// unequalClocks warns if the clock of a server is not ours. It is one of Relay.warners.
func (r *Relay) unequalClocks() (warnings []string) {
	for _, s := range r.sides {
		for _, st := range s.statuses() {
			if text := unequalClock(s.name, st); text != "" {
				warnings = append(warnings, text)
				break
			}
		}
	}
	return warnings
}

func unequalClock(side string, st link.Status) string {
	if !st.Connected || st.Login == nil || st.Login.Apart() < clockApart {
		return ""
	}
	way := "ahead of"
	if st.Login.Ahead > 0 {
		way = "behind"
	}
	return fmt.Sprintf("%s: the clock of this host was %s %s that of server %s when it connected; synchronise both (NTP)",
		side, st.Login.Ahead.Abs().Round(time.Second), way, cmp.Or(st.ServerName, st.ServerID))
}
