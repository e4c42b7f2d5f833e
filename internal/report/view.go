package report

import "github.com/dustin/go-humanize"

// A segment is a part of the bar that shows the ledger. Positions are per mille of its width.
type segment struct {
	Fate     string
	Count    int64
	At, Wide float64
}

// barOf divides the targets. Those with a late reply are lost, but have a colour of their own.
func barOf(s *Summary) (bar []segment) {
	late := min(s.Late, s.Lost)
	at := 0.0
	total := max(float64(s.Targets), float64(s.Replies)+float64(s.Lost)+float64(s.Silent), 1)
	for _, part := range []segment{
		{Fate: "replied", Count: s.Replies}, {Fate: "silent", Count: s.Silent}, {Fate: "late", Count: late},
		{Fate: "lost", Count: s.Lost - late},
	} {
		if part.Count <= 0 {
			continue
		}
		part.At, part.Wide = at, max(1000*float64(part.Count)/total, 2) // wide enough to be seen
		at += part.Wide
		bar = append(bar, part)
	}
	for i := range bar { // so that all of them fit again
		bar[i].At, bar[i].Wide = 1000*bar[i].At/at, 1000*bar[i].Wide/at
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

// A grid is the nodes as the script of the page takes them: a list for each property.
type grid struct {
	Names   []string `json:"names"`
	Fates   []fate   `json:"fates"`
	Mean    []int64  `json:"mean"`
	Slowest []int64  `json:"slowest"`
	// Counts are lists of how often each node was asked, replied, lost, late, silent, duplicated,
	// misdelivered.
	Counts [][]int64 `json:"counts"`
}

func gridOf(nodes []node) (g grid) {
	g.Counts = make([][]int64, 7)
	for i := range nodes {
		n := &nodes[i]
		g.Names = append(g.Names, n.Name)
		g.Fates = append(g.Fates, n.fate())
		g.Mean = append(g.Mean, n.Mean())
		g.Slowest = append(g.Slowest, n.Slowest)
		for k, v := range []int64{n.Asked, n.Replied, n.Lost, n.Late, n.Silent, n.Duplicated, n.Misdelivered} {
			g.Counts[k] = append(g.Counts[k], v)
		}
	}
	return g
}

func whole(n int64) string { return humanize.Comma(n) }

// pageMilliseconds writes microseconds as milliseconds.
func pageMilliseconds(us int64) string { return number(float64(us) / 1e3) }
