package result

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// margin is how far a ratio must have moved, beyond what its rounds spread, to be called a change.
const margin = 0.05

// WriteComparison prints how the ratios of two runs to the floor differ. Absolute figures of two runs say little: they were
// not taken in the same minutes, perhaps not on the same machine.
func WriteComparison(w io.Writer, before, now *Run, subject string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nscenario\tfigure\tto floor, before\tnow\tchange\tspread\t\n")
	for _, s := range now.Scenarios {
		old, ok := before.scenario(s.Name)
		if !ok {
			continue
		}
		for _, m := range Metrics {
			for _, of := range s.Contestants() {
				if m.Kind == Main && strings.HasPrefix(of, subject) {
					compareRow(t, old, s, m, of)
				}
			}
		}
	}
	t.Flush()
}

func compareRow(w io.Writer, old, s Scenario, m Metric, of string) {
	a, ok := old.Ratio(m, of, floor)
	b, ok2 := s.Ratio(m, of, floor)
	if !ok || !ok2 {
		return
	}
	change, spread := b.Best/a.Best-1, max(old.spread(m, of), s.spread(m, of))
	fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%+.0f %%\t%.0f %%\t%s\n", s.Name, m.Title, a.Best, b.Best, 100*change, 100*spread,
		verdict(change, spread, m))
}

const floor = "floor"

// spread is how much worse than the best the median round was, of the contestant or of the floor.
func (s Scenario) spread(m Metric, of string) (most float64) {
	for _, name := range []string{of, floor} {
		if f, ok := s.Figure(name, m); ok && f.Best != 0 {
			most = max(most, f.Median/f.Best-1, 1-f.Median/f.Best)
		}
	}
	return most
}

func verdict(change, spread float64, m Metric) string {
	if m.Higher {
		change = -change
	}
	switch {
	case change > spread+margin:
		return "worse"
	case change < -spread-margin:
		return "better"
	}
	return "~"
}

func (r *Run) scenario(name string) (Scenario, bool) {
	for _, s := range r.Scenarios {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}
