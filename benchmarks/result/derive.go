package result

import (
	"fmt"
	"slices"
	"strings"
)

// Derive computes the ratios of contestants whose names begin with subject.
func (r *Run) Derive(subject string) {
	r.Ratios = nil
	for _, s := range r.Scenarios {
		r.Ratios = append(r.Ratios, s.ratios(subject)...)
	}
}

func (s Scenario) ratios(subject string) (all []Ratio) {
	names := s.Contestants()
	for _, m := range Metrics {
		for _, of := range names {
			for _, to := range names {
				ratio, ok := s.Ratio(m, of, to)
				if ok && m.Kind != Doubt && of != to && strings.HasPrefix(of, subject) {
					all = append(all, ratio)
				}
			}
		}
	}
	return all
}

// Contestants names those of all scenarios.
func (r *Run) Contestants() (names []string) {
	for _, s := range r.Scenarios {
		for _, name := range s.Contestants() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Faults says what made trials invalid, once each.
func (r *Run) Faults() (all []string) {
	for _, s := range r.Scenarios {
		for _, t := range s.Trials {
			if t.Invalid != "" {
				all = append(all, fmt.Sprintf("%s, %s, round %d: %s", s.Name, t.Contestant, t.Round, t.Invalid))
			}
		}
	}
	return all
}
