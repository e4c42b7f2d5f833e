package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/observe"
)

// title is the first line: where we are.
func (g Signs) title(s observe.Snapshot, c Choice, columns int) Line {
	l := Line{{" Federation Broker: ", Bold}}
	for i, k := range s.Clusters {
		look, open, end := Dim, " ", " "
		if i == c.Cluster%len(s.Clusters) {
			look, open, end = Bold, "[", "]"
		}
		if len(s.Clusters) == 1 {
			l.add(Bold, observe.Printable(k.Cluster))
			l.add(Plain, "   "+answering(k))
			break
		}
		mark := ""
		if slices.ContainsFunc(k.Members, func(m observe.Member) bool { return trouble(m) > 1 }) || len(k.Members) == 0 {
			look, mark = Warn, " !"
		}
		l.add(look, fmt.Sprintf("%s%s %d/%d%s%s", open, observe.Printable(k.Cluster), k.Answering, len(k.Members), mark, end))
	}
	return g.withEnd(l, Line{{s.At.Format("15:04:05Z"), Dim}}, columns)
}

func answering(c observe.Cluster) string {
	n := len(c.Members)
	switch {
	case c.Answering == 0:
		return "nobody answers"
	case n == c.Answering:
		return fmt.Sprintf("all %d answer", n)
	}
	return fmt.Sprintf("%d of %d answer", c.Answering, n)
}

// connection is how we are connected ourselves.
func (g Signs) connection(s observe.Snapshot, columns int) Line {
	if s.Connection.Up {
		return text(Dim, " "+s.Connection.URL).cut(columns-1, g.more)
	}
	down := s.At.Sub(s.Connection.Since)
	if s.Connection.Since.IsZero() {
		down = 0
	}
	return text(Bad, fmt.Sprintf(" NOT CONNECTED for %s, trying again: %s", observe.Age(down), s.Connection.Error)).cut(columns-1, g.more)
}

// withEnd puts end at the right end of a line.
func (g Signs) withEnd(l, end Line, columns int) Line {
	l = l.cut(columns-end.Width()-2, g.more)
	l.add(Plain, strings.Repeat(" ", max(columns-1-l.Width()-end.Width(), 0)))
	return append(l, end...)
}

// Columns of the table of both paths, with a space before each.
const (
	pathName   = 9
	pathCount  = 9
	pathRate   = 7
	pathTime   = 7
	pathQueue  = 5
	pathColumn = pathName + 2*(pathCount+pathRate+2) + 2*(pathTime+1) + pathQueue + 1
)

// flows is the table of both paths.
func (g Signs) flows(c observe.Cluster, columns int) []Line {
	cells := columns - pathColumn - 3
	head := fmt.Sprintf(" %-*s%*s %*s %*s %*s %*s %*s %*s", pathName-1, "", pathCount+1, "received", pathRate, "/s",
		pathCount, "sent", pathRate, "/s", pathTime, "p50", pathTime, "p99", pathQueue, "queue")
	if cells >= 8 {
		head += fmt.Sprintf("  last %ds", min(cells, 240))
	}
	lines := []Line{text(Dim, head).cut(columns-1, g.more)}
	for _, f := range []struct {
		name string
		flow observe.Flow
		path path
	}{{"requests", c.Request, requests}, {"replies", c.Reply, replies}} {
		l := Line{{fit(" "+f.name, pathName, false, g.more), Bold}}
		l.add(Plain, number(f.flow.Received, pathCount))
		l.add(Flow, fit(observe.Rate(f.flow.ReceivedRate), pathRate+1, true, g.more))
		l.add(Plain, number(f.flow.Sent, pathCount))
		l.add(Flow, fit(observe.Rate(f.flow.SentRate), pathRate+1, true, g.more))
		l.add(Plain, times(f.flow.Latency))
		l.add(Plain, number(f.flow.Queue, pathQueue))
		if cells >= 8 {
			l.add(Flow, "  "+g.spark1(sent(c.History, f.path), min(cells, 240)))
		}
		lines = append(lines, l.cut(columns-1, g.more))
	}
	return lines
}

// number is a count with a space before it.
func number(n int64, columns int) string {
	return fit(observe.Count(n, columns), columns+1, true, ">")
}

// times are p50 and p99, or dashes where nothing was measured.
func times(l observe.Latency) string {
	p50, p99 := "-", "-"
	if l.Count > 0 {
		p50, p99 = observe.Milliseconds(l.P50), observe.Milliseconds(l.P99)
	}
	return fit(p50, pathTime+1, true, ">") + fit(p99, pathTime+1, true, ">")
}
