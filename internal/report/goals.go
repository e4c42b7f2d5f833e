package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A goal is how a figure of the relay is to stand to that of another contestant, best by best.
type goal struct {
	words    string
	scenario string // without TLS
	figure   string
	base     string // the other contestant; thePeer is the relay from outside
	most     float64
}

// thePeer stands for whatever relay took part besides ours.
const thePeer = "the other relay"

// overTLS is the end of the name of a scenario over TLS.
const overTLS = "-tls"

var goals = []goal{
	{"CPU per copy, 200 targets", "fanout-200-1024", record.CPUPerCopy, floor, 1.15},
	{"CPU per copy, 10,000 targets", "fanout-10000-1024", record.CPUPerCopy, floor, 1.15},
	{"CPU per reply, 10,000 at once", "replies-10000", record.CPUPerReply, floor, 1.2},
	{"CPU per reply, 100,000 at once", "replies-100000", record.CPUPerReply, floor, 1.2},
	{"CPU per reply in a stream", "reply-stream", record.CPUPerReply, floor, 1.3},
	{"CPU per copy or reply in the mix", "mix", record.CPUPerMessage, floor, 1.3},
	{"added latency p50, one target", "one-target", record.AddedP50, floor, 1.1},
	{"latency p99 in the mix", "mix", record.LatencyP99, floor, 1},
	{"time to last copy, 10,000 nodes on 20 connections", "fanout-10000-200-20c", record.LastCopy, direct, 0.5},
	{"servers' CPU per copy there", "fanout-10000-200-20c", record.ServersByCopy, direct, 0.5},
	{"time to last copy, 10,000 nodes on 2,000 connections", "fanout-10000-200-2000c", record.LastCopy, direct, 0.8},
	{"servers' CPU per copy there", "fanout-10000-200-2000c", record.ServersByCopy, direct, 0.8},
	{"CPU per copy, 200 targets", "fanout-200-1024", record.CPUPerCopy, thePeer, 0.25},
	{"CPU per copy, 10,000 targets", "fanout-10000-1024", record.CPUPerCopy, thePeer, 0.25},
	{"CPU per reply, 10,000 at once", "replies-10000", record.CPUPerReply, thePeer, 0.025},
	{"CPU per reply, 100,000 at once", "replies-100000", record.CPUPerReply, thePeer, 0.025},
}

// goalRows has a row for each goal that this series can judge, nil if there are none.
func goalRows(s *record.Series, subject string) [][]string {
	rows := [][]string{{"goal of " + subject, "against", "at most", "plain", "TLS"}}
	for _, g := range goals {
		plain, secured := g.outcome(s, g.scenario, subject), g.outcome(s, g.scenario+overTLS, subject)
		if plain != dash || secured != dash {
			base := strings.Replace(g.base, thePeer, s.Peer, 1)
			rows = append(rows, []string{g.words, base, number(g.most), plain, secured})
		}
	}
	if plain, secured := lostWhere(s, subject, false), lostWhere(s, subject, true); plain != dash || secured != dash {
		rows = append(rows, []string{"lost, where the other relay loses some", s.Peer, "0", plain, secured})
	}
	if len(rows) == 1 {
		return nil
	}
	return rows
}

// outcome is the ratio in a scenario, and whether that is good enough.
func (g *goal) outcome(all *record.Series, scenario, subject string) string {
	s, ok := all.Scenario(scenario)
	if !ok {
		return dash
	}
	base := g.base
	if base == thePeer {
		base = all.Peer
	}
	m := figureNamed(g.figure)
	is, ok1 := figureOf(s, subject, m)
	of, ok2 := figureOf(s, base, m)
	if !ok1 || !ok2 || of.best <= 0 {
		return dash
	}
	ratio := is.best / of.best
	return judged(ratio, is.valid && ratio <= g.most, of.valid && faultless(s, subject) && faultless(s, base))
}

// faultless reports whether a contestant took part, and all its trials were valid.
func faultless(s *record.Scenario, contestant string) bool {
	return slices.Contains(s.Contestants(), contestant) &&
		!slices.ContainsFunc(s.Trials, func(t record.Trial) bool { return t.Contestant == contestant && t.Invalid != "" })
}

// lostWhere counts what the subject lost in scenarios where the other relay lost something. A trial
// that the subject did not get through is as bad.
func lostWhere(all *record.Series, subject string, secured bool) string {
	lost, any, valid := 0.0, false, true
	for i := range all.Scenarios {
		s := &all.Scenarios[i]
		if strings.HasSuffix(s.Name, overTLS) == secured && sum(valuesOf(s, all.Peer, record.Lost, false)) > 0 {
			lost += sum(valuesOf(s, subject, record.Lost, false))
			any, valid = true, valid && faultless(s, subject)
		}
	}
	if !any {
		return dash
	}
	return judged(lost, lost == 0 && valid, valid)
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

// judged marks a value behind which there are trials that were not valid.
func judged(v float64, met, valid bool) string {
	text := number(v)
	if !valid {
		text += "!"
	}
	if met {
		return text + " met"
	}
	return text + " missed"
}

// goalsMet says how many of the outcomes are good enough.
func goalsMet(rows [][]string) string {
	met, missed := 0, 0
	for _, row := range rows {
		for _, cell := range row {
			met += strings.Count(cell, " met")
			missed += strings.Count(cell, " missed")
		}
	}
	return fmt.Sprintf("%d of %d met, best by best.", met, met+missed)
}

func figureNamed(name string) *metric {
	for i := range figures {
		if figures[i].name == name {
			return &figures[i]
		}
	}
	panic("report: BUG: no figure " + name)
}
