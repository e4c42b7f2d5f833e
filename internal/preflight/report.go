package preflight

import (
	"slices"
	"time"
)

// Schema is the number of the documents that this package writes.
const Schema = 1

// A Level says how a check has ended.
type Level string

// The levels.
const (
	OK       Level = "ok"
	Warning  Level = "warning"  // works, or cannot be told, and somebody should look at it
	Critical Level = "critical" // does not work
	Note     Level = "note"     // was not looked at, or is only worth knowing
)

// A Report is the outcome of all checks.
type Report struct {
	Schema   int       `json:"schema"`
	At       time.Time `json:"at"`
	Seconds  float64   `json:"seconds"` // how long it took
	Config   string    `json:"config"`  // one line about the configuration
	Cluster  string    `json:"cluster,omitempty"`
	Identity string    `json:"identity,omitempty"`
	// Connected says whether the sides were connected to, or only files were read.
	Connected bool    `json:"connected"`
	Level     Level   `json:"level"` // the worst of all checks
	Checks    []Check `json:"checks"`
}

// A Check is one thing that was looked at.
type Check struct {
	// ID names what was looked at, and is stable: "connect", "subscribe", "network" and so on.
	ID string `json:"id"`
	// Side is federation, collective or line; empty for what is about both.
	Side  string `json:"side,omitempty"`
	Level Level  `json:"level"`
	// Text says how it is, in one line.
	Text string `json:"text"`
	// Where is the place of the setting in question, as file:line:col, flag or variable.
	Where string `json:"where,omitempty"`
	// Fix are lines that say what to do, or that can be pasted.
	Fix []string `json:"fix,omitempty"`
}

// NewReport returns a report without checks.
func NewReport(at time.Time) *Report {
	return &Report{Schema: Schema, At: at.UTC().Truncate(time.Second), Level: OK, Checks: []Check{}}
}

// Add enters checks.
func (r *Report) Add(checks ...Check) {
	for _, c := range checks {
		r.Checks = append(r.Checks, c)
		if rank(c.Level) > rank(r.Level) {
			r.Level = c.Level
		}
	}
}

// rank orders levels. A note is no worse than what passed.
func rank(l Level) int { return slices.Index([]Level{OK, Warning, Critical}, l) }

// Count returns how many checks have a level.
func (r *Report) Count(l Level) (n int) {
	for _, c := range r.Checks {
		if c.Level == l {
			n++
		}
	}
	return n
}

// Unreachable reports whether a side could not be connected to.
func (r *Report) Unreachable() bool {
	return slices.ContainsFunc(r.Checks, func(c Check) bool { return c.ID == idConnect && c.Level == Critical })
}
