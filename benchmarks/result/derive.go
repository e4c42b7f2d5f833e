package result

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// direct is the contestant that is no relay: what the others take longer is what the relay adds.
const direct = "direct"

// Derive computes what needs more than one trial: added latencies, and ratios of contestants whose names begin with subject.
func (r *Run) Derive(subject string) {
	r.Ratios = nil
	for _, s := range r.Scenarios {
		s.deriveAdded(P50, Added)
		s.deriveAdded(Mean, AddedMean)
		r.Ratios = append(r.Ratios, s.ratios(subject)...)
	}
}

// deriveAdded subtracts within a round: its trials are neighbours, so that noise hits them alike.
func (s Scenario) deriveAdded(from, to string) {
	base := map[int]float64{}
	for _, t := range s.Trials {
		if value, ok := t.Metrics[from]; ok && t.Contestant == direct && t.Invalid == "" {
			base[t.Round] = value
		}
	}
	for _, t := range s.Trials {
		value, ok := t.Metrics[from]
		if b, has := base[t.Round]; ok && has && t.Contestant != direct {
			t.Metrics[to] = math.Round(100*(value-b)) / 100
		}
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
