package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Versus writes the figures of two contestants of a series beside each other, with a verdict on the
// second.
func Versus(w io.Writer, s *record.Series, before, after string) error {
	rows := [][]string{{"scenario", "figure", before, after, "ratio", "verdict"}}
	for i := range s.Scenarios {
		scenario := &s.Scenarios[i]
		for _, m := range measured() {
			a, b := inSameRounds(scenario, before, after, m.name)
			if len(a) > 0 && len(b) > 0 {
				rows = append(rows, append([]string{scenario.Name, m.label()}, m.amid(scenario).compare(a, b, true)...))
			}
		}
	}
	if len(rows) == 1 {
		return nil
	}
	_, err := io.WriteString(w, "\n"+table(2, rows)+"\n"+verdictRule+twinRule)
	return err
}

// CompareSeries writes how contestants whose names begin with subject stood to the floor in an
// earlier series, and how they do now, where that differs. Figures of two series say little: they
// were not taken in the same minutes, perhaps not on the same machine. What took turns with the
// floor in both can be compared all the same.
func CompareSeries(w io.Writer, before, now *record.Series, subject string) error {
	rows := [][]string{{"scenario", "figure", "contestant", "to floor, before", "now", "ratio", "verdict"}}
	count := map[string]int{}
	for i := range now.Scenarios {
		scenario := &now.Scenarios[i]
		old, ok := before.Scenario(scenario.Name)
		if !ok {
			continue
		}
		for _, m := range measured() {
			for _, of := range withoutTwins(scenario.Contestants()) {
				a, b := toFloor(old, of, m.name), toFloor(scenario, of, m.name)
				if !strings.HasPrefix(of, subject) || len(a) == 0 || len(b) == 0 {
					continue
				}
				cells := m.amid(scenario).compare(a, b, true)
				if count[cells[3]]++; cells[3] == better || cells[3] == worse {
					rows = append(rows, append([]string{scenario.Name, m.label(), of}, cells...))
				}
			}
		}
	}
	return writeDifferences(w, before, rows, count)
}

func writeDifferences(w io.Writer, before *record.Series, rows [][]string, count map[string]int) error {
	text := fmt.Sprintf("\nRatios to the floor, against those of %s, %s:", before.Started.UTC().Format("2006-01-02 15:04 MST"),
		before.Versions["fedrelay"])
	for _, verdict := range []string{better, worse, withinNoise, same, cannotTell} {
		if n := count[verdict]; n > 0 {
			text += fmt.Sprintf(" %d %s,", n, verdict)
		}
	}
	text = strings.TrimRight(text, ",:") + "\n"
	if len(rows) > 1 {
		text += "\n" + table(3, rows) + "\n" + verdictRule + twinRule
	}
	_, err := io.WriteString(w, text)
	return err
}

// measured are the figures that verdicts are about.
func measured() []metric {
	return slices.DeleteFunc(slices.Clone(figures), func(m metric) bool { return m.kind == kindDoubt || m.beyond != "" })
}

func (m *metric) label() string { return strings.TrimSpace(m.title + " " + m.unit) }
