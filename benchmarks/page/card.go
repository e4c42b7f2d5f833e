package page

import (
	"github.com/fedrelay/fedrelay/benchmarks/result"
)

// Sizes of a card in units of its picture.
const (
	barsFrom  = 86
	barsWidth = 190
	barHeight = 18
	barStep   = 24
)

// A card is one figure of one scenario: a bar for each contestant.
type card struct {
	Title  string
	Height int
	Bars   []bar
}

// A bar is the median, with a line from the best to the worst round and a dot for the best.
type bar struct {
	Name, Value            string
	Y, Middle, Baseline    int
	Width, From, To, Best  float64
	Label                  float64
	Series                 int // colours go by place among all contestants
	Invalid                bool
	Hint                   string
	Left, Height, LabelEnd int
}

func newCard(s result.Scenario, m result.Metric, names []string) (card, bool) {
	c := card{Title: s.Title}
	most := 0.0
	for _, name := range names {
		if f, ok := s.Figure(name, m); ok {
			most = max(most, f.Median, f.Best, f.Worst)
		}
	}
	for i, name := range names {
		if f, ok := s.Figure(name, m); ok {
			c.add(name, i, f, most)
		}
	}
	c.Height = len(c.Bars)*barStep + 4
	return c, len(c.Bars) > 0 && most > 0
}

func (c *card) add(name string, series int, f result.Figure, most float64) {
	y := len(c.Bars)*barStep + 4
	at := func(v float64) float64 { return barsFrom + barsWidth*max(0, v)/max(most, 1e-9) }
	b := bar{
		Name: name, Value: result.Short(f.Median), Series: series, Invalid: !f.Valid,
		Left: barsFrom, Height: barHeight, Y: y, Middle: y + barHeight/2, Baseline: y + barHeight - 5, LabelEnd: barsFrom - 6,
		Width: at(f.Median) - barsFrom, From: min(at(f.Best), at(f.Worst)), To: max(at(f.Best), at(f.Worst)), Best: at(f.Best),
		Hint: name + ": median " + result.Short(f.Median) + ", best " + result.Short(f.Best) + ", worst " + result.Short(f.Worst),
	}
	if b.Invalid {
		b.Value += " !"
	}
	b.Label = max(b.To, barsFrom+b.Width) + 6
	c.Bars = append(c.Bars, b)
}
