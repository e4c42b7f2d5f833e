package relay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// Ready implements telemetry.View. It reports whether both sides are connected and subscribed,
// copies get through, and nobody has asked to stop. reasons lists causes, and leaves out what
// merely follows from them.
func (r *Relay) Ready() (ok bool, reasons []string) {
	if r.draining.Load() {
		reasons = append(reasons, "draining")
	}
	sides := r.Sides()
	for _, s := range sides {
		reasons = append(reasons, connectionReasons(s)...)
	}
	if r.cfg.IsEdge() {
		reasons = append(reasons, r.networksInOne()...)
	}
	reasons = append(reasons, r.request.troubleReasons(sides[1])...)
	reasons = append(reasons, r.reply.troubleReasons(sides[0])...)
	for i, p := range []*path{r.reply, r.request} {
		reasons = append(reasons, p.groupReasons(sides[1-i], len(reasons) > 0)...)
	}
	return len(reasons) == 0, reasons
}

// connectionReasons returns what is wrong with the connections of a side.
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
	for i, c := range s.Connections {
		told := func(o telemetry.Connection) bool { // of another lane, for example
			return !o.Suspected.IsZero() && o.Role == c.Role && o.URL == c.URL
		}
		if !c.Suspected.IsZero() && !slices.ContainsFunc(s.Connections[:i], told) {
			reasons = append(reasons, fmt.Sprintf("%s: %s does not answer (%s, for %s)",
				s.Name, c.URL, c.Role, time.Since(c.Suspected).Round(time.Second)))
		}
	}
	return reasons
}

// troubleReasons returns why no copy gets through to a side that is up, or nothing.
func (p *path) troubleReasons(to telemetry.Side) []string {
	if trouble := p.trouble.Load(); trouble != nil && to.Up {
		return []string{p.to + ": " + *trouble}
	}
	return nil
}

// groupReasons says that a path is not in its queue group although the side is up, and if the
// server denies the group, why. Without a denial it returns nothing if another reason explains the
// absence.
func (p *path) groupReasons(from telemetry.Side, explained bool) []string {
	switch denial := p.denial.Load(); {
	case !from.Up || from.Subscribed:
		return nil
	case denial != nil:
		return []string{from.Name + ": not subscribed: " + *denial}
	case explained:
		return nil
	}
	return []string{from.Name + ": not subscribed"}
}

// Warnings implements telemetry.View. It returns faults that an operator should look at, but that
// do not make a relay unready. It does not block.
func (r *Relay) Warnings() (all []string) {
	for _, warnings := range r.warners {
		all = append(all, warnings()...)
	}
	return all
}
