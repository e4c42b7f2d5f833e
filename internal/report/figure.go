package report

import (
	"slices"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A kind says what a figure is for.
type kind int

const (
	kindMain   kind = iota // what the contest is about: in the tables
	kindDetail             // compared, too
	kindDoubt              // says how far the others can be trusted
)

// figures are those of a series, in the order in which they are shown.
var figures = []metric{
	{name: record.CPUPerCopy, title: "CPU per copy", unit: "us", better: less},
	{name: record.CPUPerReply, title: "CPU per reply", unit: "us", better: less},
	{name: record.CPUPerRequest, title: "CPU per request", unit: "us", better: less},
	{name: record.CPUPerMessage, title: "CPU per copy or reply", unit: "us", better: less},
	{name: record.ServersByCopy, title: "servers' CPU per copy", unit: "us", better: less},
	{name: record.LastCopy, title: "time to last copy", unit: "ms", better: less},
	{name: record.ReplyRate, title: "replies", unit: "/s", better: more},
	{name: record.AddedP50, title: "added latency p50", unit: "us", better: less, beyond: record.LatencyP50},
	{name: record.AddedMean, title: "added time per request", unit: "us", better: less, beyond: record.RequestMean, kind: kindDetail},
	{name: record.LatencyP99, title: "latency p99", unit: "us", better: less},
	{name: record.LatencyP999, title: "latency p99.9", unit: "us", better: less},
	{name: record.LatencyP50, title: "latency p50", unit: "us", better: less, kind: kindDetail},
	{name: record.RequestMean, title: "time per request", unit: "us", better: less, kind: kindDetail},
	{name: record.PeakMemory, title: "peak memory", unit: "MiB", better: less, kind: kindDetail},
	{name: record.Switches, title: "context switches", unit: "/message", better: less, kind: kindDetail},
	{name: record.Allocations, title: "allocations", unit: "/message", better: less, kind: kindDetail},
	{name: record.GCPause, title: "GC pause", unit: "ns/message", better: less, kind: kindDetail},
	{name: record.Lost, title: "lost", better: less, kind: kindDoubt},
	{name: record.Duplicates, title: "duplicates", better: less, kind: kindDoubt},
	{name: record.ServersCPU, title: "CPU of the servers", unit: "us", kind: kindDoubt},
	{name: record.HarnessCPU, title: "CPU of clients and nodes", unit: "us", kind: kindDoubt},
	{name: record.GeneratorLag, title: "generator behind plan p99", unit: "us", kind: kindDoubt},
	{name: record.OthersShare, title: "share of the machine used by others", kind: kindDoubt},
}

// Lasting reports whether a figure belongs in a baseline. Those that only say how far others can be
// trusted do not.
func Lasting(figure string) bool {
	return slices.ContainsFunc(figures, func(m metric) bool { return m.name == figure && m.kind != kindDoubt })
}

// A figure is one metric of one contestant over all rounds.
type figure struct {
	median, best, worst float64
	valid               bool // some rounds were valid, and only those count
}

// The contestants that others are compared with.
const (
	floor  = "floor"  // what the sockets cost
	direct = "direct" // no relay
)

// figureOf returns false if there is none.
func figureOf(s *record.Scenario, contestant string, m *metric) (figure, bool) {
	if m.beyond != "" {
		return beyond(s, contestant, &metric{name: m.beyond})
	}
	values := valuesOf(s, contestant, m.name, true)
	valid := len(values) > 0
	if !valid {
		values = valuesOf(s, contestant, m.name, false)
	}
	if len(values) == 0 {
		return figure{}, false
	}
	f := figure{record.Median(values), slices.Min(values), slices.Max(values), valid}
	if m.better == more {
		f.best, f.worst = f.worst, f.best
	}
	return f, true
}

// beyond subtracts best from best and median from median. The least difference of one round would
// often be that of a round in which the contestant without a relay was disturbed.
func beyond(s *record.Scenario, contestant string, m *metric) (figure, bool) {
	f, ok := figureOf(s, contestant, m)
	base, ok2 := figureOf(s, direct, m)
	if !ok || !ok2 || contestant == direct {
		return figure{}, false
	}
	return figure{f.median - base.median, f.best - base.best, f.worst - base.best, f.valid && base.valid}, true
}

// valuesOf returns the values of a figure in the order of rounds: of valid rounds, or of all.
func valuesOf(s *record.Scenario, contestant, name string, valid bool) (values []float64) {
	for _, t := range s.Trials {
		value, ok := t.Figures[name]
		if ok && t.Contestant == contestant && (!valid || t.Invalid == "") {
			values = append(values, value)
		}
	}
	return values
}

// inSameRounds returns the values of a figure of two contestants, of rounds that are valid for
// both: only these were taken in turns.
func inSameRounds(s *record.Scenario, first, second, name string) (a, b []float64) {
	of := map[int]float64{}
	for _, t := range s.Trials {
		if v, ok := t.Figures[name]; ok && t.Contestant == first && t.Invalid == "" {
			of[t.Round] = v
		}
	}
	for _, t := range s.Trials {
		v, ok := t.Figures[name]
		if base, known := of[t.Round]; ok && known && t.Contestant == second && t.Invalid == "" {
			a, b = append(a, base), append(b, v)
		}
	}
	return a, b
}

// toFloor returns the ratio of a contestant's figure to that of the floor, for each round that was
// valid for both.
func toFloor(s *record.Scenario, contestant, name string) (values []float64) {
	base, of := inSameRounds(s, floor, contestant, name)
	for i := range base {
		if base[i] > 0 {
			values = append(values, of[i]/base[i])
		}
	}
	return values
}
