package screen

import (
	"fmt"

	"github.com/fedrelay/fedrelay/internal/observe"
)

// A Size is that of the terminal, in characters.
type Size struct{ Columns, Rows int }

func (s Size) String() string { return fmt.Sprintf("%d by %d", s.Columns, s.Rows) }

// Least is the smallest size that is drawn in.
var Least = Size{40, 10}

// Frame returns the lines of the view. There are never more than size.Rows, and none fills more
// than size.Columns-1: some terminals wrap a line whose last column is written.
func Frame(g Signs, s observe.Snapshot, c Choice, size Size) []Line {
	if size.Columns < Least.Columns || size.Rows < Least.Rows {
		return g.atMost([]Line{text(Bold, "want "+Least.String()).cut(size.Columns, "")}, size.Rows, size.Columns)
	}
	if c.Help {
		return g.atMost(help(g, size.Columns), size.Rows, size.Columns)
	}
	f := frame{g: g, s: s, c: c, size: size, cluster: c.cluster(s)}
	if !s.Connection.Up && len(f.cluster.Advice) > 0 {
		f.cluster.Advice = f.cluster.Advice[1:] // the second line says that
	}
	f.members, f.cursor = c.members(s)
	lines := append([]Line{g.title(s, c, size.Columns)}, g.connection(s, size.Columns))
	body := size.Rows - len(lines) - 1
	switch {
	case c.Detail && len(f.members) > 0:
		lines = append(lines, f.one(body)...)
	default:
		lines = append(lines, f.all(body)...)
	}
	for len(lines) < size.Rows-1 {
		lines = append(lines, Line{})
	}
	return append(lines[:size.Rows-1], footer(g, s, c, size.Columns))
}

// A frame is being drawn.
type frame struct {
	g       Signs
	s       observe.Snapshot
	c       Choice
	size    Size
	cluster observe.Cluster
	members []observe.Member
	cursor  int
}

// one shows one member.
func (f frame) one(rows int) []Line {
	m := f.members[f.cursor]
	alone := observe.Cluster{Request: m.Request, Reply: m.Reply}
	lines := f.g.flows(alone, min(f.size.Columns, pathColumn+2))
	lines = append(lines, Line{})
	lines = append(lines, f.g.detail(f.s, m, f.size.Columns)...)
	lines = append(lines, f.g.books(m, f.size.Columns)...)
	return f.g.atMost(lines, rows, f.size.Columns)
}

// Heights of parts of the view.
const (
	fewMembers = 3 // rows of the table that nothing else may take
	fewDetails = 5 // of the member under the cursor
	mostAdvice = 6
	areaRows   = 5
	heatRows   = 9
)

// all shows all members. Parts that matter less appear where there is room.
func (f frame) all(rows int) (lines []Line) {
	columns := f.size.Columns
	if len(f.members) == 0 {
		return f.g.atMost(append([]Line{{}}, f.g.advice(f.cluster.Advice, columns, rows)...), rows, columns)
	}
	advice := f.g.advice(f.cluster.Advice, columns, mostAdvice)
	lines = append([]Line{{}}, f.g.flows(f.cluster, columns)...)
	left := func() int { return rows - len(lines) - len(advice) }
	if left() >= 6+2+fewMembers {
		lines = append(lines, Line{})
		lines = append(lines, f.g.ledger("requests", f.cluster.Request.Books, columns)...)
		lines = append(lines, f.g.ledger("replies", f.cluster.Reply.Books, columns)...)
	}
	if l := f.g.rejected(f.cluster, columns); l != nil {
		lines = append(lines, l)
	} else {
		lines = append(lines, Line{})
	}
	want := 1 + len(f.members) // a title
	lines = append(lines, f.heat(left()-want-fewDetails-1)...)
	lines = append(lines, f.areas(left()-want-fewDetails-1)...)
	table := min(want, left())
	if left()-table < fewDetails {
		table = min(want, max(left()-fewDetails, 1+fewMembers))
	}
	lines = append(lines, f.g.table(f.members, f.cursor, table, columns)...)
	lines = append(lines, f.details(left())...)
	return append(lines, advice...)
}

// details describes the member under the cursor, and those after it while there is room.
func (f frame) details(rows int) (lines []Line) {
	if rows < 2 {
		return nil
	}
	for i := f.cursor; i < len(f.members); i++ {
		d := f.g.detail(f.s, f.members[i], f.size.Columns)
		if i > f.cursor && len(lines)+len(d) > rows {
			break
		}
		lines = append(lines, d...)
	}
	return f.g.atMost(lines, rows, f.size.Columns)
}

// heat draws latency of both paths side by side, if there is room.
func (f frame) heat(rows int) []Line {
	half := (f.size.Columns - 1) / 2
	n := min(rows-2, heatRows)
	if n < 4 {
		return nil
	}
	left := f.g.heat(" added latency of requests", f.cluster.History, requests, half-2, n)
	right := f.g.heat(" added latency of replies", f.cluster.History, replies, half-2, n)
	if left == nil && right == nil {
		return nil
	}
	return append(beside(left, right, half), Line{})
}

// areas draws rates of both paths side by side, if there is room.
func (f frame) areas(rows int) []Line {
	half := (f.size.Columns - 1) / 2
	n := min(rows-2, areaRows)
	if n < 3 {
		return nil
	}
	left := f.g.area(" copies sent to nodes", sent(f.cluster.History, requests), half-2, n)
	right := f.g.area(" replies sent to clients", sent(f.cluster.History, replies), half-2, n)
	return append(beside(left, right, half), Line{})
}

// advice draws what should be looked at, in at most rows lines.
func (g Signs) advice(advice []string, columns, rows int) (lines []Line) {
	for _, a := range advice {
		for n, part := range words(a, columns-5) {
			mark := " ! "
			if n > 0 {
				mark = "   "
			}
			lines = append(lines, text(Warn, mark+part))
		}
	}
	return g.atMost(lines, rows, columns)
}
