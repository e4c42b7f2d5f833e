package wan

import (
	"fmt"
	"math"

	"github.com/fedrelay/fedrelay/internal/report"
)

// A goal is what a figure of a series should be: at most or at least so much.
type goal struct {
	words string
	least bool
	bound float64
	is    func(r results) float64
}

// goals are those of the edge.
func goals() (all []goal) {
	at := Cells()[0]
	for _, g := range []struct {
		phase string
		least float64
	}{{"request-sequential", 60}, {"request-ip", 18}, {"request-hex", 8.5}, {"replies-v1", 55}, {"replies-v2", 30}} {
		scenario, figure := at.Name()+"/"+g.phase, heavy(g.phase)
		all = append(all,
			goal{g.phase + ": times fewer bytes than JSON", true, g.least, func(r results) float64 { return r.ratio(scenario, plainJSON, edged, figure) }},
			goal{g.phase + ": share of the bytes with leaf nodes, s2_best", false, 0.5, func(r results) float64 { return r.ratio(scenario, edged, bestLeaf, figure) }})
	}
	for _, p := range []string{"replies-v1", "replies-v2"} {
		all = append(all, slower(at, p, 0.3), slower(shortLine, p, 1.1), cpuOf(p))
	}
	all = append(all, goal{"one reply: share of the bytes as JSON", false, 1, func(r results) float64 {
		return r.ratio(oneReply, edged, plainJSON, named(bytesDown))
	}})
	return append(all, goal{"one reply on a line without length: edge and relay beside the relay alone, us", false, 150, added})
}

// slower bounds the time to the last reply through an edge by that without.
func slower(c Cell, phase string, most float64) goal {
	return goal{phase + ", " + c.String() + ": share of the time without an edge", false, most, func(r results) float64 {
		return r.ratio(c.Name()+"/"+phase, edged, plainJSON, named(lastMS))
	}}
}

// cpuOf bounds what a relay uses for a reply beside compression.
func cpuOf(phase string) goal {
	return goal{phase + ": CPU of the relay, beside what compact takes to write them, us a reply", false, 2, func(r results) float64 {
		return r.median(shortLine.Name()+"/"+phase, edged, named(cpu+theRelay)) - r.median(encoding+phase, edged, named(encode))
	}}
}

func added(r results) float64 {
	with, without := r.byRound(oneReply, edged, named(latency)), r.byRound(oneReply, plainJSON, named(latency))
	for i := range with {
		with[i] -= without[i]
	}
	return middle(with)
}

// goalTable says which goals are met. Those that this series cannot judge are left out.
func (r results) goalTable() report.Table {
	t := report.Table{Left: 1, Rows: [][]string{{"goal", "bound", "found", ""}}}
	met := 0
	for _, g := range goals() {
		found := g.is(r)
		if math.IsNaN(found) || math.IsInf(found, 0) {
			continue
		}
		words, verdict := "at most ", "missed"
		if g.least {
			words = "at least "
		}
		if g.least == (found >= g.bound) || found == g.bound {
			verdict = "met"
			met++
		}
		t.Rows = append(t.Rows, []string{g.words, words + report.Number(g.bound), report.Number(found), verdict})
	}
	t.Title = fmt.Sprintf("Goals: %d of %d met.", met, len(t.Rows)-1)
	return t
}
