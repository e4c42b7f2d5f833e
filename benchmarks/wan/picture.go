package wan

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Picture draws bytes and times as an SVG: bars for each contestant, on a logarithmic scale.
func Picture(w io.Writer, s *Series) error {
	r := results{s}
	at := r.reference()
	bytes := chart{title: "bytes on the line, logarithmic, " + at.String(), names: r.contestants()}
	for _, p := range phaseNames {
		bytes.add(p, r, at, p, heavy(p))
	}
	times := chart{title: "ms to the last of 10,000 replies v2, logarithmic", names: r.contestants()}
	for _, c := range r.cells() {
		if c.Loss > 0 {
			continue
		}
		times.add(c.String(), r, c, "replies-v2", named(lastMS))
	}
	first := bytes.draw(0)
	second := times.draw(chartHeight)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+
		"\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s%s</svg>\n", chartWidth, 2*chartHeight, first, second)
	return err
}

const (
	chartWidth, chartHeight = 960, 330
	plotLeft, plotTop       = 60, 50
	plotHeight              = 220
)

// colours are those of contestants, in order; they differ in brightness, too.
var colours = []string{"#333333", "#7aa6c2", "#2f6f9f", "#d9822b", "#8a3ffc"}

// A chart has a group of bars for each thing, with a bar for each contestant.
type chart struct {
	title  string
	names  []string
	groups []string
	values [][]float64 // by group and contestant
}

func (c *chart) add(group string, r results, at Cell, phase string, figure func(map[string]float64) float64) {
	var row []float64
	for _, name := range c.names {
		row = append(row, r.median(at.Name()+"/"+phase, name, figure))
	}
	c.groups, c.values = append(c.groups, group), append(c.values, row)
}

// decades are the powers of ten that the scale begins and ends with.
func (c *chart) decades() (from, to int) {
	least, most := math.Inf(1), 1.0
	for _, row := range c.values {
		for _, v := range row {
			if v > 0 {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	least = min(least, most/10)
	return int(math.Floor(math.Log10(least))), int(math.Ceil(math.Log10(most)))
}

// draw returns the elements of the chart, so far from the top.
func (c *chart) draw(top int) string {
	var b strings.Builder
	from, to := c.decades()
	y := func(v float64) float64 {
		return float64(top+plotTop) + plotHeight*(1-(math.Log10(v)-float64(from))/float64(to-from))
	}
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" font-size=\"14\">%s</text>\n", plotLeft, top+20, html.EscapeString(c.title))
	for i, name := range c.names {
		x := plotLeft + 130*i
		fmt.Fprintf(&b, "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
			x, top+29, colours[i%len(colours)], x+14, top+38, html.EscapeString(name))
	}
	for e := from; e <= to; e++ {
		line := y(math.Pow10(e))
		fmt.Fprintf(&b, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			plotLeft, line, chartWidth-10, plotLeft-6, line+4, power(e))
	}
	c.bars(&b, top, y)
	return b.String()
}

func (c *chart) bars(b *strings.Builder, top int, y func(float64) float64) {
	width := float64(chartWidth-plotLeft-10) / float64(max(1, len(c.groups)))
	bar := width * 0.8 / float64(max(1, len(c.names)))
	bottom := float64(top + plotTop + plotHeight)
	for g, row := range c.values {
		x := float64(plotLeft) + width*(float64(g)+0.1)
		for i, v := range row {
			if v > 0 {
				fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s: %.4g</title></rect>\n",
					x+bar*float64(i), y(v), bar*0.92, bottom-y(v), colours[i%len(colours)], html.EscapeString(c.names[i]), v)
			}
		}
		for i, word := range strings.Split(c.groups[g], ", ") {
			fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"10\">%s</text>\n",
				x+width*0.4, bottom+15+12*float64(i), html.EscapeString(word))
		}
	}
}

// power writes a power of ten as a short number.
func power(e int) string {
	units := []string{"", "k", "M", "G"}
	if e < 0 {
		return fmt.Sprintf("%.*f", -e, math.Pow10(e))
	}
	unit := min(e/3, len(units)-1)
	return fmt.Sprintf("%.0f%s", math.Pow10(e-3*unit), units[unit])
}
