package result

import "time"

// An Outcome is what one trial found.
type Outcome struct {
	Metrics map[string]float64 `json:"metrics"`
	// Invalid says why the figures cannot be compared with others; empty if they can.
	Invalid string `json:"invalid,omitempty"`
}

// A Trial is one contestant in one scenario in one round.
type Trial struct {
	Contestant string `json:"contestant"`
	Round      int    `json:"round"`
	Outcome
}

// A Scenario holds its trials in the order in which they were run.
type Scenario struct {
	Name   string  `json:"name"`
	Title  string  `json:"title"`
	Trials []Trial `json:"trials"`
}

// A Run is everything.
type Run struct {
	Started   time.Time         `json:"started"`
	Elapsed   string            `json:"elapsed"`
	Command   string            `json:"command"`
	Machine   map[string]string `json:"machine"`
	Versions  map[string]string `json:"versions"`
	Rounds    int               `json:"rounds"`
	Scenarios []Scenario        `json:"scenarios"`
	Ratios    []Ratio           `json:"ratios"`
}

// Contestants names those of a scenario, in the order of their first trial.
func (s Scenario) Contestants() (names []string) {
	seen := map[string]bool{}
	for _, t := range s.Trials {
		if !seen[t.Contestant] {
			seen[t.Contestant] = true
			names = append(names, t.Contestant)
		}
	}
	return names
}
