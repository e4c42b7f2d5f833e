package trace

import (
	"strconv"

	"github.com/fedrelay/fedrelay/internal/state"
)

// path is the way as it stands in the reply, and this program behind it.
func (c *cluster) path(t state.Trace) (path []state.Hop) {
	for _, h := range c.reply.Trace() {
		path = append(path, state.Hop{From: printable(h.From), By: printable(h.By), To: printable(h.To)})
	}
	return append(path, state.Hop{From: t.Server, By: t.Client})
}

// legs are the parts of the whole that were measured.
func (c *cluster) legs(t state.Trace, total float64) []state.Leg {
	legs := []state.Leg{
		{Name: "from the request to the reply", Seconds: total, Clock: "this program"},
		{Name: "to " + t.Server + " and back, by a PING before", Seconds: t.ServerSeconds, Clock: "this program"},
	}
	relay, beyond, ok := c.beyond()
	if !ok || beyond > total {
		return legs
	}
	return append(legs,
		state.Leg{Name: "from " + relay + " to the node and back", Seconds: beyond, Clock: relay},
		state.Leg{Name: "the rest: from here to " + relay + " and back", Seconds: total - beyond, Clock: "the difference"})
}

// beyond is how long the part behind the relay took, if one instance has carried request and reply.
func (c *cluster) beyond() (relay string, took float64, ok bool) {
	for _, r := range c.seen {
		if r.Messages > 0 && r.Replies > 0 && !r.First.IsZero() && r.FirstReply.After(r.First) {
			return r.Identity, r.FirstReply.Sub(r.First).Seconds(), true
		}
	}
	return "", 0, false
}

// mostShown is how many bytes of a text that others have written are shown.
const mostShown = 120

// printable returns a text that others have written, clipped, in printable ASCII.
func printable(text string) string {
	quoted := strconv.QuoteToASCII(text[:min(len(text), mostShown)])
	return quoted[1 : len(quoted)-1]
}

// seconds is a duration with three digits that count.
func seconds(s float64) string {
	switch ms := s * 1000; {
	case ms < 1:
		return strconv.FormatFloat(ms, 'f', 3, 64) + " ms"
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 2, 64) + " ms"
	case ms < 1000:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(s, 'f', 2, 64) + " s"
}
