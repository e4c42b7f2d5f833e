package wan

import (
	"math"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// results are what a series found, for those who report it.
type results struct{ series *record.Series }

// cells names the lines of the series in the order of the matrix.
func (r results) cells() (all []Cell) {
	for _, c := range Cells() {
		if slices.ContainsFunc(r.series.Scenarios, func(s record.Scenario) bool { return strings.HasPrefix(s.Name, c.Name()+"/") }) {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b Cell) int { return int(a.RoundTrip - b.RoundTrip) })
	return all
}

// reference is the line on which bytes are compared: that of the goals if it was measured.
func (r results) reference() Cell {
	all := r.cells()
	if len(all) == 0 || slices.Contains(all, Cells()[0]) {
		return Cells()[0]
	}
	return all[0]
}

// shortest is the line on which CPU time is compared: there most of it is used in little time.
func (r results) shortest() Cell {
	if all := r.cells(); len(all) > 0 {
		return all[0]
	}
	return shortLine
}

// contestants are those of the series in our order.
func (r results) contestants() (names []string) {
	took := r.series.Contestants()
	for _, c := range Contestants() {
		if slices.Contains(took, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// byRound returns a figure in each valid round; not a number where there is none.
func (r results) byRound(scenario, contestant string, figure func(map[string]float64) float64) []float64 {
	all := make([]float64, r.series.Rounds)
	for i := range all {
		all[i] = math.NaN()
	}
	s, ok := r.series.Scenario(scenario)
	if !ok {
		return all
	}
	for _, t := range s.Trials {
		if t.Contestant == contestant && t.Invalid == "" {
			all[t.Round-1] = figure(t.Figures)
		}
	}
	return all
}

// median is that of all valid rounds; not a number if there are none.
func (r results) median(scenario, contestant string, figure func(map[string]float64) float64) float64 {
	return middle(r.byRound(scenario, contestant, figure))
}

// ratio is the median of the ratios in the rounds where both are valid.
func (r results) ratio(scenario, contestant, to string, figure func(map[string]float64) float64) float64 {
	is, of := r.byRound(scenario, contestant, figure), r.byRound(scenario, to, figure)
	for i := range is {
		is[i] /= of[i]
	}
	return middle(is)
}

func middle(values []float64) float64 {
	values = slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(values) == 0 {
		return math.NaN()
	}
	return record.Median(values)
}

// named reads one figure.
func named(name string) func(map[string]float64) float64 {
	return func(f map[string]float64) float64 {
		if v, ok := f[name]; ok {
			return v
		}
		return math.NaN()
	}
}

// Ends, as sums of what their parts used.
func nearEnd(f map[string]float64) float64 { return named(cpu+nearServer)(f) + f[cpu+theEdge] }
func farEnd(f map[string]float64) float64  { return named(cpu+theRelay)(f) + f[cpu+farServer] }

// heavy is the direction in which most bytes of a phase go.
func heavy(phase string) func(map[string]float64) float64 {
	if strings.HasPrefix(phase, "request") {
		return named(bytesUp)
	}
	return named(bytesDown)
}

// phaseNames are those of all phases, in order.
var phaseNames = []string{"request-sequential", "request-ip", "request-hex", "replies-v1", "replies-v2", ownTokens, spread}
