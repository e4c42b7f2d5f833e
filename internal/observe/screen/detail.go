package screen

import (
	"fmt"
	"strings"

	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/state"
)

// detail describes one member.
func (g Signs) detail(s observe.Snapshot, m observe.Member, screen int) (lines []Line) {
	lines = []Line{g.rule(m.Name+": "+strings.Join(observe.Status(m, s.At), ", "), screen)}
	add := func(look Look, t string) {
		for n, part := range words(t, screen-4) {
			if n > 0 {
				part = "  " + part
			}
			lines = append(lines, text(look, " "+part).cut(screen-1, g.more))
		}
	}
	if m.Instance != nil {
		for _, r := range m.Instance.Reasons {
			add(Bad, "not ready: "+r)
		}
		for _, w := range m.Instance.Warnings {
			add(Warn, "warning: "+w)
		}
		for _, side := range m.Instance.Sides {
			add(sideLook(side), side.Name+": "+observe.Side(side, m.Instance.Now))
		}
		add(Plain, speed("requests: ", m.Request))
		add(Plain, speed("replies:  ", m.Reply))
	} else {
		for _, line := range observe.Sides(m, s.At) {
			add(Plain, line)
		}
		add(Dim, "publishes its statistics every 10 seconds, and answers no questions")
	}
	return lines
}

func speed(name string, f observe.Flow) string {
	added := ""
	if f.Latency.Count > 0 {
		added = fmt.Sprintf("  p50 %s p99 %s", observe.Milliseconds(f.Latency.P50), observe.Milliseconds(f.Latency.P99))
	}
	return fmt.Sprintf("%s%s in  %s out%s  queue %s", name,
		observe.Rate(f.ReceivedRate), observe.Rate(f.SentRate), added, observe.Count(f.Queue, 9))
}

func sideLook(s state.Side) Look {
	if !s.Up || !s.Subscribed {
		return Bad
	}
	return Plain
}

// atMost cuts lines that do not fit.
func (g Signs) atMost(lines []Line, rows, screen int) []Line {
	if len(lines) <= rows || rows < 1 {
		return lines[:min(len(lines), max(rows, 0))]
	}
	last := append(Line{}, lines[rows-1].cut(max(screen-1-width(g.more)-1, 0), "")...)
	last.add(Dim, " "+g.more)
	return append(lines[:rows-1:rows-1], last)
}

// books describes both paths of one member in full.
func (g Signs) books(m observe.Member, screen int) (lines []Line) {
	if m.Instance == nil {
		return nil
	}
	for _, p := range []struct {
		name string
		flow observe.Flow
		path state.Path
	}{{"requests", m.Request, m.Instance.Request}, {"replies", m.Reply, m.Instance.Reply}} {
		lines = append(lines, Line{})
		lines = append(lines, g.ledger(p.name, p.flow.Books, screen)...)
		for _, why := range []struct {
			title  string
			counts map[string]int64
		}{{"rejected", p.path.Rejected}, {"skipped", p.path.Skipped}} {
			for _, name := range observe.ByCount(why.counts) {
				lines = append(lines, text(Warn, "          "+why.title+" "+observe.Count(why.counts[name], 20)+" "+name).cut(screen-1, g.more))
			}
		}
	}
	return lines
}
