package screen

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/observe"
)

// A part of a ledger: copies with one fate, or in flight.
type part struct {
	name string
	n    int64
	sign string
	look Look
}

// parts are all that became of copies, in the order in which the bar shows them.
func (g Signs) parts(b observe.Books) (parts []part) {
	for _, fate := range observe.ByCount(b.Fates) {
		p := part{fate, b.Fates[fate], g.failed, Bad}
		switch fate {
		case "confirmed":
			p.sign, p.look = g.confirmed, Good
		case "skipped":
			p.sign, p.look = g.skipped, Warn
		}
		if p.n > 0 {
			parts = append(parts, p)
		}
	}
	if b.InFlight > 0 {
		parts = append(parts, part{"in flight", b.InFlight, g.inFlight, Dim})
	}
	return parts
}

// bar draws the parts so that they fill all cells together. Each has one cell at least.
func bar(parts []part, cells int) (line Line) {
	var total int64
	for _, p := range parts {
		total += p.n
	}
	given := make([]int, len(parts))
	left := cells
	for i, p := range parts {
		given[i] = max(1, int(float64(p.n)/float64(total)*float64(cells)))
		left -= given[i]
	}
	for ; left != 0 && len(parts) > 0; left -= step(left) { // rounding goes to or from the largest
		largest := 0
		for i := range given {
			if given[i] > given[largest] {
				largest = i
			}
		}
		given[largest] = max(given[largest]+step(left), 0)
	}
	for i, p := range parts {
		line.add(p.look, strings.Repeat(p.sign, given[i]))
	}
	return line
}

func step(left int) int { return min(max(left, -1), 1) }

// ledger draws the books of a path on two lines: what was accepted as one bar, and what became of
// it.
func (g Signs) ledger(name string, b observe.Books, columns int) []Line {
	const label = 10
	head := Line{{" " + fit(name, label-1, false, g.more), Bold}}
	parts := g.parts(b)
	if len(parts) == 0 {
		head.add(Dim, "no copies yet")
	} else {
		head = append(head, bar(parts, max(columns-label-1, 1))...)
	}
	legend := append(Line{{strings.Repeat(" ", label), Plain}}, g.legend(parts, b, humanize.Comma)...)
	if legend.Width() >= columns {
		short := func(n int64) string { return observe.Short(float64(n)) }
		legend = append(legend[:1], g.legend(parts, b, short)...)
	}
	return []Line{head.cut(columns-1, g.more), legend.cut(columns-1, g.more)}
}

// legend says what is wrong first, then what became of all copies.
func (g Signs) legend(parts []part, b observe.Books, number func(int64) string) (l Line) {
	var sum int64
	for _, p := range parts {
		sum += p.n
	}
	if off := b.Copies - sum; off != 0 || b.Unaccounted != 0 {
		l.add(Bad, "UNACCOUNTED "+number(max(off, -off, b.Unaccounted))+"  ")
	}
	if b.Dropped > 0 {
		l.add(Bad, number(b.Dropped)+" dropped  ")
	}
	for i, p := range parts {
		join := " + "
		if i == 0 {
			l.add(Plain, number(b.Copies))
			join = " = "
		}
		l.add(Dim, join)
		l.add(p.look, g.key(p.sign))
		l.add(Plain, " "+number(p.n)+" "+p.name)
	}
	return l
}

// key returns the sign of a part in the legend: a full cell would grow into the bars around it.
func (g Signs) key(sign string) string {
	if sign == g.confirmed {
		return g.confirmedKey
	}
	return sign
}

// rejected says how many messages were, and why most of them. It is nil if none was.
func (g Signs) rejected(c observe.Cluster, columns int) (l Line) {
	for _, p := range []struct {
		path   string
		counts map[string]int64
	}{{"requests", c.Request.Books.Rejected}, {"replies", c.Reply.Books.Rejected}} {
		names := observe.ByCount(p.counts)
		if total(p.counts) == 0 {
			continue
		}
		if l == nil {
			l.add(Bold, " rejected ")
		} else {
			l.add(Plain, ", ")
		}
		l.add(Warn, fmt.Sprintf("%s %s: %s", observe.Count(total(p.counts), 12), p.path, names[0]))
		if len(names) > 1 {
			l.add(Warn, fmt.Sprintf(" +%d", len(names)-1))
		}
	}
	return l.cut(columns-1, g.more)
}
