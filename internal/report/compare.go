package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Compare writes two sides of load runs beside each other, with what B has in proportion to A and a
// verdict on B. Each side is one run, or several of the same relay.
func Compare(w io.Writer, a, b []*record.Run) error {
	sides := [2][]Summary{summaries(a), summaries(b)}
	var text strings.Builder
	for i, name := range sideNames {
		for _, s := range sides[i] {
			fmt.Fprintf(&text, "%s  %s  %s\n", name, s.Started.UTC().Format("2006-01-02 15:04:05 MST"), shell(s.Command))
		}
	}
	text.WriteString("\n" + settingsDiff(sides) + table(1, compareRows(sides)) + "\n" + verdictRule)
	if len(a) >= leastRepetitions && !inTurns(sides) {
		text.WriteString("! A and B were not measured in turns, or a run is there twice: so there are no verdicts.\n")
	}
	text.WriteString(losses(sides))
	for i, name := range sideNames {
		for k := range sides[i] {
			text.WriteString(warnings(name, &sides[i][k]))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

var sideNames = []string{"A", "B"}

func summaries(runs []*record.Run) (all []Summary) {
	for _, run := range runs {
		all = append(all, Summarize(run))
	}
	return all
}

// inTurns reports whether no side was measured more than twice in a row, and each run is there
// once.
func inTurns(sides [2][]Summary) bool {
	type turn struct {
		started time.Time
		side    int
	}
	var turns []turn
	for side := range sides {
		for _, s := range sides[side] {
			turns = append(turns, turn{s.Started.UTC().Round(0), side})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.started.Compare(b.started) })
	for i := 1; i < len(turns); i++ {
		if turns[i] == turns[i-1] || i > 1 && turns[i].side == turns[i-1].side && turns[i].side == turns[i-2].side {
			return false
		}
	}
	return true
}

func compareRows(sides [2][]Summary) [][]string {
	turns := inTurns(sides)
	rows := [][]string{{"", "A", "B", "B/A", "verdict"}}
	for i := range metrics {
		if m := &metrics[i]; m.better != "" {
			rows = append(rows, append([]string{m.name}, m.compare(m.values(sides[0]), m.values(sides[1]), turns)...))
		}
	}
	return rows
}

// values are the metric's numbers in summaries, without those that were not measured.
func (m *metric) values(of []Summary) (known []float64) {
	for i := range of {
		if v, ok := m.value(&of[i]); ok {
			known = append(known, v)
		}
	}
	return known
}

// compare returns the cells of a row: both sides, their ratio, and the verdict.
func (m *metric) compare(before, after []float64, turns bool) []string {
	row := []string{rangeOf(before), rangeOf(after), dash, cannotTell}
	if len(before) == 0 || len(after) == 0 {
		row[3] = "unknown"
		return row
	}
	if was := record.Median(before); was != 0 {
		row[2] = number(record.Median(after) / was)
	}
	if turns {
		row[3] = m.verdict(before, after)
	}
	return row
}

// settingsDiff says in which settings the sides differ: apart from what is compared there should be
// none.
func settingsDiff(sides [2][]Summary) string {
	names := map[string]bool{}
	for _, s := range slices.Concat(sides[0], sides[1]) {
		for name := range s.With {
			names[name] = true
		}
	}
	rows := [][]string{{"setting", "A", "B"}}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if a, b := setting(sides[0], name), setting(sides[1], name); a != b {
			rows = append(rows, []string{plain(name), a, b})
		}
	}
	if len(rows) == 1 {
		return "The settings are the same.\n\n"
	}
	return table(1, rows) + "\n"
}

// setting is the value that all runs of a side have, or all values.
func setting(side []Summary, name string) string {
	var values []string
	for _, s := range side {
		v := dash
		if set, ok := s.With[name]; ok {
			v = quoted(set)
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return strings.Join(values, ", ")
}

// losses warns of a side that is fast because it lost what would have been slow.
func losses(sides [2][]Summary) string {
	var lost, targets [2]int64
	for i := range sides {
		for _, s := range sides[i] {
			lost[i], targets[i] = lost[i]+s.Lost, targets[i]+s.Targets
		}
	}
	if lost[0] == lost[1] {
		return ""
	}
	return fmt.Sprintf("! A lost %s of %s, B %s of %s: verdicts on times are about the others.\n",
		whole(lost[0]), plural(targets[0], "target"), whole(lost[1]), whole(targets[1]))
}

func warnings(name string, s *Summary) string {
	var b strings.Builder
	if s.GeneratorBound {
		fmt.Fprintf(&b, "! %s: the generator was the bottleneck (%s): verdicts on speed mean nothing.\n", name, plain(s.GeneratorWhy))
	}
	for _, d := range s.Differences {
		fmt.Fprintf(&b, "! %s: the books do not agree: %s\n", name, plain(d))
	}
	return b.String()
}
