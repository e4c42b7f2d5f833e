package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// SeriesText writes the medians of all contestants and the ratios of those whose names begin with subject.
func SeriesText(w io.Writer, s *record.Series, subject string) error {
	var b strings.Builder
	names := s.Contestants()
	for _, of := range names {
		if strings.HasPrefix(of, subject) {
			b.WriteString("\n" + table(2, seriesRows(s, of, names)))
		}
	}
	fmt.Fprintf(&b, "\nMedians of %s; ratios are best by best and, in brackets, median by median. ! = invalid, see below.\n",
		plural(int64(s.Rounds), "round"))
	for _, fault := range s.Faults() {
		b.WriteString("! " + plain(fault) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func seriesRows(s *record.Series, of string, names []string) [][]string {
	head := append([]string{"scenario", "figure"}, names...)
	for _, to := range names {
		if to != of {
			head = append(head, of+"/"+to)
		}
	}
	rows := [][]string{head}
	for i := range s.Scenarios {
		scenario := &s.Scenarios[i]
		for k := range figures {
			m := &figures[k]
			if _, ok := figureOf(scenario, of, m); ok && m.kind == kindMain {
				rows = append(rows, seriesRow(scenario, m, of, names))
			}
		}
	}
	return rows
}

func seriesRow(s *record.Scenario, m *metric, of string, names []string) []string {
	row := []string{s.Name, m.label()}
	for _, name := range names {
		cell := dash
		if f, ok := figureOf(s, name, m); ok {
			cell = number(f.median) + mark(f.valid)
		}
		row = append(row, cell)
	}
	for _, to := range names {
		if to == of {
			continue
		}
		cell := dash
		if r, ok := ratioOf(s, m, of, to); ok {
			cell = fmt.Sprintf("%.2f (%.2f)%s", r.best, r.median, mark(r.valid))
		}
		row = append(row, cell)
	}
	return row
}

func mark(valid bool) string {
	if valid {
		return ""
	}
	return "!"
}
