package result

import (
	"math"
	"slices"
)

// Median of values, which stay as they are; 0 of none.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// A Figure is one metric of one contestant over all rounds.
type Figure struct {
	Median, Best, Worst float64
	Rounds              int
	Valid               bool // whether any round was; then only those count
}

// direct is the contestant that is no relay.
const direct = "direct"

// Figure returns false if there is none.
func (s Scenario) Figure(contestant string, m Metric) (Figure, bool) {
	if m.Beyond != "" {
		return s.beyond(contestant, Metric{Name: m.Beyond})
	}
	values := s.values(contestant, m.Name, true)
	valid := len(values) > 0
	if !valid {
		values = s.values(contestant, m.Name, false)
	}
	if len(values) == 0 {
		return Figure{}, false
	}
	f := Figure{Median(values), slices.Min(values), slices.Max(values), len(values), valid}
	if m.Higher {
		f.Best, f.Worst = f.Worst, f.Best
	}
	return f, true
}

// beyond subtracts best from best and median from median. The best difference within a round would be that of the round in which
// the one without a relay was disturbed.
func (s Scenario) beyond(contestant string, m Metric) (Figure, bool) {
	f, ok := s.Figure(contestant, m)
	base, ok2 := s.Figure(direct, m)
	if !ok || !ok2 || contestant == direct {
		return Figure{}, false
	}
	return Figure{
		Median: f.Median - base.Median, Best: f.Best - base.Best, Worst: f.Worst - base.Best,
		Rounds: f.Rounds, Valid: f.Valid && base.Valid,
	}, true
}

func (s Scenario) values(contestant, metric string, valid bool) (values []float64) {
	for _, t := range s.Trials {
		value, ok := t.Metrics[metric]
		if ok && t.Contestant == contestant && (!valid || t.Invalid == "") {
			values = append(values, value)
		}
	}
	return values
}

// A Ratio is the figure of one contestant by that of another.
type Ratio struct {
	Scenario string  `json:"scenario"`
	Metric   string  `json:"metric"`
	Of       string  `json:"of"`
	To       string  `json:"to"`
	Best     float64 `json:"best"`
	Median   float64 `json:"median"`
	Valid    bool    `json:"valid"`
}

// Ratio returns false if one of the two has no such figure, or none that can be divided by.
func (s Scenario) Ratio(m Metric, of, to string) (Ratio, bool) {
	a, ok := s.Figure(of, m)
	b, ok2 := s.Figure(to, m)
	if !ok || !ok2 || b.Median <= 0 || b.Best <= 0 {
		return Ratio{}, false
	}
	return Ratio{s.Name, m.Name, of, to, round(a.Best / b.Best), round(a.Median / b.Median), a.Valid && b.Valid}, true
}

func round(v float64) float64 { return math.Round(1000*v) / 1000 }
