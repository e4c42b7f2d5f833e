package screen

import (
	"math"
	"strings"

	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/state"
)

// spark1 draws values as columns, the newest at the right, each in proportion to the largest. That
// one leaves a little space to the line above.
func (g Signs) spark1(values []float64, columns int) string {
	values = values[max(0, len(values)-columns):]
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", max(columns-len(values), 0)))
	for _, v := range values {
		b.WriteString(g.spark[level(v, most, len(g.spark)-1)])
	}
	return b.String()
}

// level returns which of n signs stands for v. The first is for nothing only.
func level(v, most float64, n int) int {
	if v <= 0 || most <= 0 {
		return 0
	}
	return 1 + int(min(v/most, 1)*float64(n-2)+0.5)
}

// path picks one path of a sample.
type path func(observe.Sample) observe.Moment

func requests(s observe.Sample) observe.Moment { return s.Request }
func replies(s observe.Sample) observe.Moment  { return s.Reply }

func sent(history []observe.Sample, p path) (values []float64) {
	for _, s := range history {
		values = append(values, p(s).Sent)
	}
	return values
}

// chartLabel is how wide the labels of a chart are.
const chartLabel = 8

// area draws values as columns that are rows high, the newest at the right. It needs rows+1 lines.
func (g Signs) area(title string, values []float64, columns, rows int) []Line {
	cells := columns - chartLabel - 1
	values = values[max(0, len(values)-cells):]
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	lines := []Line{text(Bold, fit(title, columns, false, g.more))}
	for row := rows - 1; row >= 0; row-- {
		label := ""
		switch {
		case row == rows-1:
			label = observe.Rate(most)
		case row == 0:
			label = "0"
		}
		lines = append(lines, Line{{fit(label, chartLabel, true, g.more) + " ", Dim}, {g.slice(values, most, row, rows, cells), Flow}})
	}
	return lines
}

// slice draws one row of an area.
func (g Signs) slice(values []float64, most float64, row, rows, cells int) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", max(cells-len(values), 0)))
	full := len(g.spark) - 1
	for _, v := range values {
		height := 0
		if v > 0 && most > 0 {
			height = max(int(v/most*float64(rows*full)+0.5), 1) // something is to be seen
		}
		b.WriteString(g.spark[min(max(height-row*full, 0), full)])
	}
	return b.String()
}

// heat draws how long messages took: time goes to the right, latency upwards, and the shade is how
// many there were. It needs rows+1 lines, and returns none if nothing was measured.
func (g Signs) heat(title string, history []observe.Sample, p path, columns, rows int) []Line {
	cells := columns - chartLabel - 1
	if cells < 4 || rows < 2 {
		return nil
	}
	history = history[max(0, len(history)-cells):]
	var all state.Histogram
	for _, s := range history {
		all = all.Add(p(s).Latency)
	}
	low, high := span2(all.Counts)
	if high < 0 {
		return nil
	}
	step := (high - low + rows) / rows // buckets in a row
	lines := []Line{text(Bold, fit(title, columns, false, g.more))}
	for top := low + ((high-low)/step+1)*step; top > low; top -= step {
		lines = append(lines, g.heatRow(all.Bounds, history, p, [2]int{top - step, top}, cells))
	}
	return lines
}

// span2 returns the first and the last bucket that has counted something, and -1 if none has.
func span2(counts []int64) (low, high int) {
	low, high = 0, -1
	for i, n := range counts {
		if n == 0 {
			continue
		}
		if high < 0 {
			low = i
		}
		high = i
	}
	return low, high
}

// heatRow draws the buckets from and up to, but not with, those of a range.
func (g Signs) heatRow(bounds []float64, history []observe.Sample, p path, buckets [2]int, cells int) Line {
	label := "more"
	if last := buckets[1] - 1; last < len(bounds) {
		label = observe.Milliseconds(bounds[last])
	}
	line := Line{{fit(label, chartLabel, true, g.more) + " ", Dim}}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", max(cells-len(history), 0)))
	for _, s := range history {
		h := p(s).Latency
		n, total := int64(0), h.Count()
		for i := buckets[0]; i < min(buckets[1], len(h.Counts)); i++ {
			n += h.Counts[i]
		}
		// The root makes a few slow ones among many visible.
		b.WriteString(g.shade[level(math.Sqrt(float64(n)), math.Sqrt(float64(total)), len(g.shade))])
	}
	line.add(Flow, b.String())
	return line
}

// beside puts two blocks of lines next to each other. The left one gets columns.
func beside(left, right []Line, columns int) (lines []Line) {
	for i := range max(len(left), len(right)) {
		var l Line
		if i < len(left) {
			l = append(l, left[i]...)
		}
		if i < len(right) {
			l.add(Plain, strings.Repeat(" ", max(columns-l.Width(), 0)))
			l = append(l, right[i]...)
		}
		lines = append(lines, l)
	}
	return lines
}
