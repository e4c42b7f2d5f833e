package report

import (
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Again is the end of the name of a contestant that runs what another one runs, with the same
// command. Differences between such twins mean nothing.
const Again = "-again"

// twin returns who has the same program and command as a contestant of that name.
func twin(name string) (other string, ok bool) { return strings.CutSuffix(name, Again) }

// withoutTwins are the names without those that are there a second time.
func withoutTwins(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, again := twin(name)
		return again
	})
}

// apart returns how many times as large the figure of one twin was as that of the other: in the
// medians, and best by best. It is 1 or more, and 1 if there are no twins.
func apart(s *record.Scenario, m *metric) (median, best float64) {
	median, best = 1, 1
	for _, name := range s.Contestants() {
		first, ok := twin(name)
		if !ok {
			continue
		}
		a, ok1 := figureOf(s, first, m)
		b, ok2 := figureOf(s, name, m)
		if ok1 && ok2 && a.valid && b.valid {
			median, best = max(median, timesApart(a.median, b.median)), max(best, timesApart(a.best, b.best))
		}
	}
	return median, best
}

// timesApart is the larger value in units of the smaller one; 1 if one of them is not above 0.
func timesApart(a, b float64) float64 {
	if a <= 0 || b <= 0 {
		return 1
	}
	return max(a/b, b/a)
}

// amid returns the metric as it is to be judged in a scenario: twins differ by so much.
func (m metric) amid(s *record.Scenario) *metric {
	median, _ := apart(s, &m)
	m.noise = median - 1
	return &m
}

// furthestApart returns the largest differences of twins in all scenarios, and in which one that of
// the medians was; an empty name if there were none.
func furthestApart(all *record.Series, m *metric) (median, best float64, scenario string) {
	median, best = 1, 1
	for i := range all.Scenarios {
		s := &all.Scenarios[i]
		ofMedian, ofBest := apart(s, m)
		if ofMedian > median {
			median, scenario = ofMedian, s.Name
		}
		best = max(best, ofBest)
	}
	return median, best, scenario
}

// alikeRows has a row for each kind of figure in which twins differed, nil if there are none.
func alikeRows(s *record.Series) [][]string {
	rows := [][]string{{"figure", "in scenario", "medians", "best by best"}}
	for i := range figures {
		m := &figures[i]
		if median, best, scenario := furthestApart(s, m); scenario != "" && m.kind != kindDoubt {
			rows = append(rows, []string{m.label(), scenario, number(median), number(best)})
		}
	}
	if len(rows) == 1 {
		return nil
	}
	return rows
}

// alikeRule goes above the rows.
const alikeRule = `The same program with the same command took part twice. Its figures differed by these factors, at most over all
scenarios: between other contestants so much means nothing.`
