package observe

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Status says in a few words what a member is, and how it does.
func Status(m Member, at time.Time) (words []string) {
	kind := m.Kind + " " + m.Version
	if m.Kind == Broker {
		kind = "broker " + m.Version + " (statistics only)"
	}
	words = append(words, kind)
	switch {
	case m.Silent > 0:
		words = append(words, "silent for "+Seconds(m.Silent))
	case m.Kind == Broker:
		words = append(words, "says "+cmp.Or(m.Statistics.Status, "nothing about its state"))
	case m.Instance.Ready:
		words = append(words, "ready")
	case Draining(m):
		words = append(words, "draining")
	default:
		words = append(words, "not ready")
	}
	if !m.Started.IsZero() && m.Started.Unix() > 0 {
		now := at
		if m.Instance != nil {
			now = m.Instance.Now // both by one clock
		}
		words = append(words, "up "+Age(max(now.Sub(m.Started), 0)))
	}
	return words
}

// Draining reports whether a member says that it is stopping on purpose.
func Draining(m Member) bool {
	return m.Instance != nil && slices.Contains(m.Instance.Reasons, "draining")
}

// Sides describes both sides of a member, each on a line.
func Sides(m Member, at time.Time) (lines []string) {
	if m.Statistics != nil {
		return []string{
			"federation: " + cmp.Or(m.Statistics.Federation.ConnectedServer, "unknown"),
			"collective: " + cmp.Or(m.Statistics.Collective.ConnectedServer, "unknown"),
		}
	}
	if m.Instance == nil {
		return nil
	}
	for _, s := range m.Instance.Sides {
		lines = append(lines, s.Name+": "+Side(s, m.Instance.Now))
	}
	return lines
}

// Side describes a side: whether it is up, and what was wrong last.
func Side(s state.Side, at time.Time) string {
	text := "up"
	if !s.Up {
		text = "DOWN"
	}
	if !s.Since.IsZero() {
		text += " for " + Age(max(at.Sub(s.Since), 0))
	}
	if s.Up && !s.Subscribed {
		text += ", NOT SUBSCRIBED"
	}
	if s.URL != "" {
		text += ", " + s.URL
	}
	if s.Server != "" && len(s.Server) < serverID {
		text += " (" + s.Server + ")"
	}
	if s.LastDenied != "" {
		text += fmt.Sprintf("; last denied%s: %s", ago(at, s.LastDeniedAt), s.LastDenied)
	}
	if s.LastError != "" {
		text += fmt.Sprintf("; last error%s: %s", ago(at, s.LastErrorAt), s.LastError)
	}
	return text
}

// serverID is the length of the id of a server. One without a name has its id as name, which tells
// nobody anything.
const serverID = 56

func ago(now, then time.Time) string {
	if then.IsZero() {
		return ""
	}
	return " " + Age(max(now.Sub(then), 0)) + " ago"
}
