package report

import "github.com/fedrelay/fedrelay/internal/record"

// Sizes of a card, in units of its viewBox.
const (
	barsFrom  = 110
	barsRoom  = 170
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
	Name, Value, Hint     string
	Y, Middle, Baseline   int
	Wide, From, To, Best  float64
	Label                 float64
	Series                int // number of the contestant, which gives it its colour
	Invalid               bool
	Left, Height, NameEnd int
}

// newCard returns false if there is nothing to see.
func newCard(s *record.Scenario, m *metric, names []string) (card, bool) {
	c := card{Title: s.Title}
	most := 0.0
	for _, name := range names {
		if f, ok := figureOf(s, name, m); ok {
			most = max(most, f.median, f.best, f.worst)
		}
	}
	for i, name := range names {
		if f, ok := figureOf(s, name, m); ok && most > 0 {
			c.Bars = append(c.Bars, newBar(name, i, len(c.Bars), f, most))
		}
	}
	c.Height = len(c.Bars)*barStep + 4
	return c, len(c.Bars) > 0
}

// newBar draws a figure in a row of a card. series is the number of the contestant; most is the
// value of the longest bar.
func newBar(name string, series, row int, f figure, most float64) bar {
	y := row*barStep + 4
	at := func(v float64) float64 { return barsFrom + barsRoom*max(0, v)/most }
	b := bar{
		Name: name, Value: number(f.median), Series: series, Invalid: !f.valid,
		Left: barsFrom, Height: barHeight, Y: y, Middle: y + barHeight/2, Baseline: y + barHeight - 5, NameEnd: barsFrom - 6,
		Wide: at(f.median) - barsFrom, From: min(at(f.best), at(f.worst)), To: max(at(f.best), at(f.worst)), Best: at(f.best),
		Hint: name + ": median " + number(f.median) + ", best " + number(f.best) + ", worst " + number(f.worst),
	}
	if b.Invalid {
		b.Value += " !"
	}
	b.Label = max(b.To, barsFrom+b.Wide) + 6
	return b
}
