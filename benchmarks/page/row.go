package page

import (
	"fmt"

	"github.com/fedrelay/fedrelay/benchmarks/result"
)

// A row is a line of the table of ratios.
type row struct {
	Scenario, Figure, Of, To string
	Best, Median             string
	Class                    string // better, worse or nothing
}

func rows(r *result.Run) (all []row) {
	titles, metrics := map[string]string{}, map[string]result.Metric{}
	for _, s := range r.Scenarios {
		titles[s.Name] = s.Title
	}
	for _, m := range result.Metrics {
		metrics[m.Name] = m
	}
	for _, ratio := range r.Ratios {
		m := metrics[ratio.Metric]
		if m.Kind != result.Main {
			continue
		}
		all = append(all, row{titles[ratio.Scenario], m.Title, ratio.Of, ratio.To, times(ratio.Best, ratio.Valid),
			times(ratio.Median, ratio.Valid), class(ratio, m)})
	}
	return all
}

func times(v float64, valid bool) string {
	if !valid {
		return fmt.Sprintf("%.2f !", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func class(r result.Ratio, m result.Metric) string {
	v := r.Best
	if m.Higher {
		v = 1 / v
	}
	switch {
	case v < 0.95:
		return "better"
	case v > 1.05:
		return "worse"
	}
	return ""
}
