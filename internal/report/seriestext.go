package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// SeriesText writes the main figures of a series for a terminal.
func SeriesText(w io.Writer, s *record.Series, subject string) error {
	text := "\n" + table(2, seriesRows(s, subject)) + "\n" + conditions(s) + "\n"
	_, err := io.WriteString(w, text)
	return err
}

// seriesRows has a row for each figure of each scenario, with all contestants and how the subject
// stands to the floor.
func seriesRows(s *record.Series, subject string) [][]string {
	names := s.Contestants()
	rows := [][]string{slices.Concat([]string{"scenario", "figure"}, names, []string{subject + "/" + floor})}
	for i := range s.Scenarios {
		scenario := &s.Scenarios[i]
		for k := range figures {
			if row, any := seriesRow(scenario, &figures[k], names); any {
				toFloor := toFloor(scenario, subject, figures[k].name)
				rows = append(rows, append(row, rangeOf(toFloor)))
			}
		}
	}
	return rows
}

// seriesRow returns false if there is nothing in it.
func seriesRow(s *record.Scenario, m *metric, names []string) (row []string, any bool) {
	row = []string{s.Name, m.label()}
	for _, name := range names {
		f, ok := figureOf(s, name, m)
		if !ok || m.kind != kindMain {
			row = append(row, dash)
			continue
		}
		any = true
		cell := number(f.median)
		if m.beyond == "" && f.best != f.worst { // the best difference is not that of any round
			cell += fmt.Sprintf(" (%s to %s)", number(f.best), number(f.worst))
		}
		if !f.valid {
			cell += "!"
		}
		row = append(row, cell)
	}
	return row, any
}

// conditions say what the figures depend on, how to have the same again, and what went wrong.
func conditions(s *record.Series) string {
	list := func(of map[string]string) string {
		var words []string
		for _, name := range slices.Sorted(maps.Keys(of)) {
			words = append(words, strings.TrimPrefix(name+" "+of[name], "go ")) // it says so itself
		}
		return strings.Join(words, ", ")
	}
	text := fmt.Sprintf("Medians of %s, in brackets the best and the worst. Measured on %s with `%s`.\n\n* Machine: %s.\n* Versions: %s.",
		plural(int64(s.Rounds), "round"), s.Started.UTC().Format("2 January 2006"), plain(s.Command), list(s.Machine), list(s.Versions))
	for _, fault := range s.Faults() {
		text += "\n* ! " + plain(fault)
	}
	return text + "\n"
}
