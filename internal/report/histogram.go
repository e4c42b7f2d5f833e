package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"
)

const (
	bars     = 12 // at most
	barWidth = 60
)

// histogramText draws the latencies of replies. The ratio of the edges of all bars is the same, so
// that a tail can be seen as well as a second mode.
func histogramText(s *spread) string {
	if s.count() == 0 {
		return ""
	}
	edges := edgesOf(s)
	counts := make([]int64, len(edges))
	for _, bar := range s.h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		counts[edgeAbove(edges, float64(min(bar.To, s.max)))] += bar.Count
	}
	most := int64(1)
	for _, n := range counts {
		most = max(most, n)
	}
	var b strings.Builder
	b.WriteString("\nreplies by latency, up to\n")
	for i, n := range counts {
		hashes := int(math.Ceil(barWidth * float64(n) / float64(most)))
		line := fmt.Sprintf("%9s ms |%-*s %s", number(edges[i]/1e3), barWidth, strings.Repeat("#", hashes), humanize.Comma(n))
		b.WriteString(line + "\n")
	}
	return b.String()
}

// edgesOf returns the upper edges of the bars in microseconds, ascending.
func edgesOf(s *spread) (edges []float64) {
	least, most := max(float64(s.h.Min()), 1), max(float64(s.max), 1)
	if most <= least {
		return []float64{most}
	}
	step := math.Pow(most/least, 1.0/bars)
	for i := 1; i < bars; i++ {
		edges = append(edges, least*math.Pow(step, float64(i)))
	}
	return append(edges, most)
}

func edgeAbove(edges []float64, v float64) int {
	for i, e := range edges {
		if v <= e {
			return i
		}
	}
	return len(edges) - 1
}
