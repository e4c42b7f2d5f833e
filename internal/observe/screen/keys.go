package screen

import (
	"github.com/fedrelay/fedrelay/internal/observe"
)

// footer names the keys.
func footer(g Signs, s observe.Snapshot, c Choice, columns int) Line {
	keys := [][2]string{{"q", "quit"}, {"?", "help"}, {"s", "sort: " + orders[c.Order%len(orders)].name}, {"enter", "details"}, {"x", "forget silent"}}
	if len(s.Clusters) > 1 {
		keys = append([][2]string{{"c", "next cluster"}}, keys...)
	}
	switch {
	case c.Detail:
		keys = [][2]string{{"esc", "back"}, {"up down", "other instance"}, {"q", "quit"}, {"?", "help"}}
	}
	l := Line{{" ", Plain}}
	for i, k := range keys {
		if i > 0 {
			l.add(Plain, "  ")
		}
		l.add(Bold, k[0])
		l.add(Dim, " "+k[1])
	}
	return l.cut(columns-1, g.more)
}

// help explains keys, signs and words.
func help(g Signs, columns int) (lines []Line) {
	lines = append(lines, text(Bold, " fedrelay observe"), Line{})
	for _, k := range [][2]string{
		{"q, ctrl-c", "quit"}, {"s, S", "sort by the next column, the one before"}, {"c, C", "next cluster, the one before"},
		{"up, down, j, k", "choose an instance"}, {"pgup, pgdn, home, end", "further"},
		{"enter, tab, esc", "all about the instance, and back"}, {"x", "forget instances that are silent"}, {"?", "this page, and back"},
	} {
		lines = append(lines, Line{{" " + fit(k[0], 23, false, g.more), Bold}, {k[1], Plain}}.cut(columns-1, g.more))
	}
	lines = append(lines, Line{})
	for _, k := range []struct {
		sign string
		look Look
		text string
	}{
		{g.ready, Good, "ready"}, {g.unready, Bad, "not ready, or with a warning"},
		{g.silent, Bad, "silent: does not answer any more; the figures are its last"},
		{g.broker, Dim, "publishes statistics only, as brokers of 2017 do"},
		{g.confirmed, Good, "copies that the server has confirmed"}, {g.skipped, Warn, "skipped: not sent on purpose, by a rule"},
		{g.failed, Bad, "denied, unconfirmed, expired and so on: not known to have arrived"},
		{g.inFlight, Dim, "in flight: without a fate yet"},
	} {
		lines = append(lines, Line{{" " + k.sign + "  ", k.look}, {k.text, Plain}}.cut(columns-1, g.more))
	}
	return append(lines, Line{}, text(Dim, " p50, p99: time that a relay adds, in the last ten seconds").cut(columns-1, g.more))
}
