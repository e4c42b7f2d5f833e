package relay

import (
	"fmt"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// Ready implements telemetry.View: both sides are connected and subscribed, what is published gets through, and nobody has
// asked to stop. Causes come first, and what follows from them is left out.
func (r *Relay) Ready() (ok bool, reasons []string) {
	if r.draining.Load() {
		reasons = append(reasons, "draining")
	}
	sides := r.Sides()
	for _, s := range sides {
		reasons = append(reasons, connectionReasons(s)...)
	}
	reasons = append(reasons, r.request.reasons(sides[1])...)
	reasons = append(reasons, r.reply.reasons(sides[0])...)
	for i, p := range []*path{r.reply, r.request} {
		reasons = append(reasons, p.subscription(sides[1-i], len(reasons) > 0)...)
	}
	return len(reasons) == 0, reasons
}

// connectionReasons say what is wrong with the connections of a side.
func connectionReasons(s telemetry.Side) (reasons []string) {
	switch {
	case s.Up:
	case strings.HasPrefix(s.LastError, "connected to "):
		return []string{s.Name + ": " + s.LastError}
	case s.LastError != "":
		return []string{fmt.Sprintf("%s: not connected: %s", s.Name, s.LastError)}
	default:
		return []string{s.Name + ": not connected"}
	}
	for _, c := range s.Connections {
		if !c.Suspected.IsZero() {
			reasons = append(reasons, fmt.Sprintf("%s: %s does not answer (%s, for %s)",
				s.Name, c.URL, c.Role, time.Since(c.Suspected).Round(time.Second)))
		}
	}
	return reasons
}

// reasons says that nothing gets through to a side, if it is up.
func (p *path) reasons(to telemetry.Side) []string {
	if t := p.trouble.Load(); t != nil && to.Up {
		return []string{p.to + ": " + *t}
	}
	return nil
}

// subscription says that a path is not in its queue group on a side that is up: why, where the server refuses it; else only if
// nothing else explains it.
func (p *path) subscription(from telemetry.Side, explained bool) []string {
	switch refusal := p.refusal.Load(); {
	case !from.Up || from.Subscribed:
		return nil
	case refusal != nil:
		return []string{from.Name + ": not subscribed: " + *refusal}
	case explained:
		return nil
	}
	return []string{from.Name + ": not subscribed"}
}
