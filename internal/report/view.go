package report

import (
	"html/template"

	"github.com/dustin/go-humanize"
)

// A segment is a part of the bar that shows the ledger. Positions are per mille of its width.
type segment struct {
	Fate     string
	Count    int64
	At, Wide float64
}

// barOf divides the targets. Those with a late reply are lost, but have a colour of their own.
func barOf(s *Summary) (bar []segment) {
	late := min(s.Late, s.Lost)
	used := 0.0
	total := max(float64(s.Targets), float64(s.Replies)+float64(s.Lost)+float64(s.Silent), 1)
	for _, part := range []segment{
		{Fate: "replied", Count: s.Replies}, {Fate: "silent", Count: s.Silent}, {Fate: "late", Count: late},
		{Fate: "lost", Count: s.Lost - late},
	} {
		if part.Count <= 0 {
			continue
		}
		part.At, part.Wide = used, max(1000*float64(part.Count)/total, 2) // wide enough to be seen
		used += part.Wide
		bar = append(bar, part)
	}
	for i := range bar { // so that all of them fit again
		bar[i].At, bar[i].Wide = 1000*bar[i].At/used, 1000*bar[i].Wide/used
	}
	return bar
}

type fateCount struct {
	Name  string
	Count int64
}

// countFates counts nodes by their fate. Fates that no node has are left out.
func countFates(nodes []node) (counts []fateCount) {
	of := make([]int64, len(fateNames))
	for i := range nodes {
		of[nodes[i].fate()]++
	}
	for i, name := range fateNames {
		if of[i] > 0 {
			counts = append(counts, fateCount{name, of[i]})
		}
	}
	return counts
}

func whole(n int64) string { return humanize.Comma(n) }

// pageMilliseconds writes microseconds as milliseconds.
func pageMilliseconds(us int64) string { return number(float64(us) / 1e3) }

// A view is what the template shows. The template escapes everything but our own script and style,
// and the data, which encoding/json has made safe inside a script element.
type view struct {
	*Summary
	Policy      string
	Style       template.CSS
	Script      template.JS
	Data        template.JS
	CommandLine string
	Settings    []string
	Bar         []segment
	Fates       []fateCount
	Ladder      [][]string
	Costs       [][]string
	RelayRows   [][]string
	Worst       []*node
	Notes       []string
}
