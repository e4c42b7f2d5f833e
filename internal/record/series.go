package record

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A Series is what several relays did in the same scenarios, in turns: the figures of every trial,
// and what these depend on.
type Series struct {
	Started   time.Time         `json:"started"`
	Elapsed   string            `json:"elapsed"`
	Command   string            `json:"command"` // that measures the same again
	Machine   map[string]string `json:"machine"`
	Versions  map[string]string `json:"versions"` // of what took part; the relay has a commit
	Rounds    int               `json:"rounds"`
	Peer      string            `json:"peer,omitempty"` // the relay from outside, if any
	Scenarios []Scenario        `json:"scenarios"`
}

// A Scenario holds its trials in the order in which they were run.
type Scenario struct {
	Name   string  `json:"name"`
	Title  string  `json:"title"`
	Trials []Trial `json:"trials"`
}

// A Trial is one contestant in one scenario in one round.
type Trial struct {
	Contestant string `json:"contestant"`
	Round      int    `json:"round"` // from 1
	Outcome
}

// An Outcome is what one trial found.
type Outcome struct {
	Figures map[string]float64 `json:"metrics"`
	// Invalid says why the figures cannot be compared with others; empty if they can.
	Invalid string `json:"invalid,omitempty"`
}

// Contestants names those of a scenario, in the order of their first trial.
func (s *Scenario) Contestants() (names []string) {
	seen := map[string]bool{}
	for _, t := range s.Trials {
		if !seen[t.Contestant] {
			seen[t.Contestant] = true
			names = append(names, t.Contestant)
		}
	}
	return names
}

// Contestants names those of all scenarios.
func (s *Series) Contestants() []string {
	var all Scenario
	for _, scenario := range s.Scenarios {
		all.Trials = append(all.Trials, scenario.Trials...)
	}
	return all.Contestants()
}

// Scenario returns the one of that name.
func (s *Series) Scenario(name string) (*Scenario, bool) {
	for i := range s.Scenarios {
		if s.Scenarios[i].Name == name {
			return &s.Scenarios[i], true
		}
	}
	return nil, false
}

// Faults says what made trials invalid.
func (s *Series) Faults() (all []string) {
	for _, scenario := range s.Scenarios {
		for _, t := range scenario.Trials {
			if t.Invalid != "" {
				all = append(all, fmt.Sprintf("%s, %s, round %d: %s", scenario.Name, t.Contestant, t.Round, t.Invalid))
			}
		}
	}
	return all
}

// Only returns a copy that has only some of the scenarios and contestants.
func (s *Series) Only(scenario, contestant func(name string) bool) *Series {
	part := *s
	part.Scenarios = nil
	for _, of := range s.Scenarios {
		if !scenario(of.Name) {
			continue
		}
		of.Trials = slices.DeleteFunc(slices.Clone(of.Trials), func(t Trial) bool { return !contestant(t.Contestant) })
		part.Scenarios = append(part.Scenarios, of)
	}
	return &part
}

// Trim returns a copy that has only some figures, to four digits: small enough to be kept in a
// repository.
func (s *Series) Trim(keep func(figure string) bool) *Series {
	small := *s
	small.Scenarios = nil
	for _, of := range s.Scenarios {
		of.Trials = slices.Clone(of.Trials)
		for i, t := range of.Trials {
			of.Trials[i].Figures = map[string]float64{}
			for name, v := range t.Figures {
				if keep(name) {
					of.Trials[i].Figures[name] = Digits(v, 4)
				}
			}
		}
		small.Scenarios = append(small.Scenarios, of)
	}
	return &small
}

// deep matches line breaks within a trial.
var deep = regexp.MustCompile(`\n\t{5,}|\n\t{4}(})`)

// WriteSeries writes a file of JSON in which each trial has a line.
func WriteSeries(name string, s *Series) error {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	text = append(deep.ReplaceAll(text, []byte(" $1")), '\n')
	return ReplaceFile(name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// ReadSeries reads what WriteSeries wrote.
func ReadSeries(name string) (*Series, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var s Series
	if err := json.Unmarshal(content, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &s, nil
}

// Digits rounds v to n digits: more would only look exact. What is no number becomes 0.
func Digits(v float64, n int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return v
}

// Median returns the median of values, 0 if there are none. It does not change values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
