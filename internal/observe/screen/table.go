package screen

import (
	"fmt"
	"strings"

	"github.com/fedrelay/fedrelay/internal/observe"
)

// A column of the table of members.
type column struct {
	title string
	width int
	left  bool // its text begins at the left
	from  int  // columns that the screen must have
	cell  func(g Signs, m observe.Member) span
}

// nameWidth is that of the column that takes what room is left.
const (
	nameLeast = 12
	nameMost  = 48
)

var columns = []column{
	{title: "STATE", width: 11, left: true, cell: stateCell},
	{title: "RECEIVED", width: 8, cell: func(_ Signs, m observe.Member) span { return count(m.Request.Received, 8) }},
	{title: "SHARE", width: 6, cell: func(_ Signs, m observe.Member) span { return share(m.Request.ReceivedPercent) }},
	{title: "SENT", width: 8, cell: func(_ Signs, m observe.Member) span { return count(m.Request.Sent, 8) }},
	{title: "SHARE", width: 6, cell: func(_ Signs, m observe.Member) span { return share(m.Request.SentPercent) }},
	{title: "SENT/S", width: 7, from: 100, cell: func(_ Signs, m observe.Member) span { return rate(m.Request.SentRate) }},
	{title: "P99", width: 7, from: 130, cell: func(_ Signs, m observe.Member) span { return p99(m.Request.Latency) }},
	{title: "REPLIES", width: 8, cell: func(_ Signs, m observe.Member) span { return count(m.Reply.Sent, 8) }},
	{title: "SHARE", width: 6, cell: func(_ Signs, m observe.Member) span { return share(m.Reply.SentPercent) }},
	{title: "SENT/S", width: 7, from: 100, cell: func(_ Signs, m observe.Member) span { return rate(m.Reply.SentRate) }},
	{title: "P99", width: 7, from: 130, cell: func(_ Signs, m observe.Member) span { return p99(m.Reply.Latency) }},
	{title: "QUEUE", width: 6, from: 120, cell: func(_ Signs, m observe.Member) span { return count(m.Request.Queue+m.Reply.Queue, 6) }},
	{title: "REJECTED", width: 8, from: 140, cell: rejectedCell},
	{title: "FAILED", width: 7, from: 140, cell: failedCell},
	{title: "UP", width: 7, from: 150, cell: upCell},
	{title: "VERSION", width: 16, left: true, from: 180, cell: func(_ Signs, m observe.Member) span { return span{m.Version, Dim} }},
}

func count(n int64, columns int) span { return span{observe.Count(n, columns), Plain} }
func share(percent float64) span      { return span{fmt.Sprintf("%.1f%%", percent), Dim} }
func rate(perSecond float64) span     { return span{observe.Rate(perSecond), Flow} }

func p99(l observe.Latency) span {
	if l.Count == 0 {
		return span{"-", Dim}
	}
	return span{observe.Milliseconds(l.P99), Plain}
}

func stateCell(_ Signs, m observe.Member) span {
	switch {
	case m.Silent > 0:
		return span{"silent " + observe.Seconds(m.Silent), Bad}
	case m.Instance == nil:
		return span{"statistics", Dim}
	case observe.Draining(m):
		return span{"draining", Warn}
	case !m.Instance.Ready:
		return span{"not ready", Bad}
	case len(m.Instance.Warnings) > 0:
		return span{"warning", Warn}
	}
	return span{"ready", Good}
}

func rejectedCell(_ Signs, m observe.Member) span {
	if m.Instance == nil {
		return span{"-", Dim}
	}
	return positive(total(m.Request.Books.Rejected)+total(m.Reply.Books.Rejected), 8, Warn)
}

// failedCell is of copies that are not confirmed, and were not meant to be skipped.
func failedCell(_ Signs, m observe.Member) span {
	if m.Instance == nil {
		return span{"-", Dim}
	}
	var n int64
	for _, b := range []observe.Books{m.Request.Books, m.Reply.Books} {
		n += total(b.Fates) - b.Fates["confirmed"] - b.Fates["skipped"]
	}
	return positive(n, 7, Bad)
}

func positive(n int64, columns int, look Look) span {
	s := count(n, columns)
	if n > 0 {
		s.look = look
	}
	return s
}

func total(counts map[string]int64) (n int64) {
	for _, v := range counts {
		n += v
	}
	return n
}

func upCell(_ Signs, m observe.Member) span {
	if m.Started.Unix() <= 0 {
		return span{"-", Dim}
	}
	now := m.Heard
	if m.Instance != nil {
		now = m.Instance.Now
	}
	return span{observe.Age(max(now.Sub(m.Started), 0)), Dim}
}

// sign says in one character how a member is.
func (g Signs) sign(m observe.Member) span {
	switch {
	case m.Silent > 0:
		return span{g.silent, Bad}
	case m.Instance == nil:
		return span{g.broker, Dim}
	case !m.Instance.Ready:
		return span{g.unready, Bad}
	case len(m.Instance.Warnings) > 0:
		return span{g.unready, Warn}
	}
	return span{g.ready, Good}
}

// shown are the columns that a screen has room for, and what is left for the name.
func shown(screen int) (all []column, name int) {
	name = screen - 1 - len("> + ")
	for _, c := range columns {
		if screen < c.from || name-c.width-1 < nameLeast {
			continue
		}
		all = append(all, c)
		name -= c.width + 1
	}
	return all, min(max(name, 1), nameMost)
}

// table draws members in rows lines, with a title, so that the one at cursor can be seen.
func (g Signs) table(members []observe.Member, cursor, rows, screen int) []Line {
	all, name := shown(screen)
	from := window(cursor, len(members), rows-1)
	title := "INSTANCE"
	if rows-1 < len(members) {
		title = fmt.Sprintf("%d-%d of %d", from+1, from+rows-1, len(members))
	}
	head := "    " + fit(title, name, false, g.more)
	for _, c := range all {
		head += " " + fit(c.title, c.width, !c.left, g.more)
	}
	lines := []Line{text(Dim, head).cut(screen-1, g.more)}
	for i := from; i < min(from+rows-1, len(members)); i++ {
		lines = append(lines, g.row(members[i], all, name, i == cursor, screen))
	}
	return lines
}

// window returns the first of rows that are shown of n, so that the one at cursor is among them.
func window(cursor, n, rows int) int {
	return max(min(cursor-rows/2, n-rows), 0)
}

func (g Signs) row(m observe.Member, all []column, name int, chosen bool, screen int) Line {
	l := Line{{"  ", Plain}, g.sign(m), {" " + fit(m.Name, name, false, g.more), Plain}}
	if chosen {
		l[0].text = g.cursor + " "
	}
	for _, c := range all {
		s := c.cell(g, m)
		l.add(s.look, " "+fit(s.text, c.width, !c.left, g.more))
	}
	if chosen {
		l[2].look = Bold
	}
	return l.cut(screen-1, g.more)
}

// rule is a line across the screen with a title.
func (g Signs) rule(title string, screen int) Line {
	l := Line{{g.dash + " ", Dim}, {title, Bold}, {" ", Plain}}.cut(screen-1, g.more)
	l.add(Dim, strings.Repeat(g.dash, max(screen-1-l.Width(), 0)))
	return l
}
