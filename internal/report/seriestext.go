package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// SeriesText writes the main figures of a series for a terminal, and which goals are met.
func SeriesText(w io.Writer, s *record.Series, subject string) error {
	var b strings.Builder
	for _, t := range append(seriesTables(s, subject), moreTables(s, subject)...) {
		b.WriteString("\n" + t.title + "\n\n" + table(t.left, t.rows))
	}
	b.WriteString("\n" + conditions(s, bestAndWorst) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// A titled is a table with what stands above it.
type titled struct {
	title string
	left  int // so many columns are words
	rows  [][]string
}

// seriesTables has the main figures without TLS and those with TLS, each only if there are any.
func seriesTables(s *record.Series, subject string) (all []titled) {
	for _, secured := range []bool{false, true} {
		part := s.Only(func(name string) bool { return strings.HasSuffix(name, overTLS) == secured }, func(string) bool { return true })
		title := "Without TLS:"
		if secured {
			title = "With TLS 1.3, AES-128-GCM, on all connections:"
		}
		if rows := seriesRows(part, subject); len(rows) > 1 {
			all = append(all, titled{title, 2, rows})
		}
	}
	return all
}

// moreTables are goals, other costs, and what differences mean nothing.
func moreTables(s *record.Series, subject string) (all []titled) {
	add := func(title string, left int, rows [][]string) {
		if rows != nil {
			all = append(all, titled{title, left, rows})
		}
	}
	goals := goalRows(s, subject)
	add("Goals: "+goalsMet(goals), 2, goals)
	add("What a message costs besides CPU, as medians:", 1, otherCosts(s, subject))
	add(alikeRule, 2, alikeRows(s))
	return all
}

// otherCosts has a row for each scenario, with the figures that are kept out of the main tables.
func otherCosts(s *record.Series, subject string) [][]string {
	rows := [][]string{{"scenario"}}
	var columns []func(*record.Scenario) string
	for _, name := range []string{record.Switches, record.Allocations, record.GCPause} {
		for _, who := range []string{floor, subject} {
			m := figureNamed(name)
			rows[0] = append(rows[0], strings.TrimSpace(m.title+" "+strings.TrimSuffix(m.unit, "/message"))+", "+who)
			columns = append(columns, func(s *record.Scenario) string {
				f, ok := figureOf(s, who, m)
				if !ok {
					return dash
				}
				return number(f.median)
			})
		}
	}
	for i := range s.Scenarios {
		row, any := []string{s.Scenarios[i].Name}, false
		for _, column := range columns {
			cell := column(&s.Scenarios[i])
			row, any = append(row, cell), any || cell != dash
		}
		if any {
			rows = append(rows, row)
		}
	}
	if len(rows) == 1 {
		return nil
	}
	return rows
}

// seriesRows has a row for each figure of each scenario, with all contestants and how the subject
// stands to the floor.
func seriesRows(s *record.Series, subject string) [][]string {
	names := withoutTwins(s.Contestants())
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
// bestAndWorst says what stands in brackets behind a median.
const bestAndWorst = ", in brackets the best and the worst"

func conditions(s *record.Series, more string) string {
	list := func(of map[string]string) string {
		var words []string
		for _, name := range slices.Sorted(maps.Keys(of)) {
			words = append(words, strings.TrimPrefix(name+" "+of[name], "go ")) // it says so itself
		}
		return strings.Join(words, ", ")
	}
	text := fmt.Sprintf("Medians of %s%s. Measured on %s with `%s`.\n\n* Machine: %s.\n* Versions: %s.",
		plural(int64(s.Rounds), "round"), more, s.Started.UTC().Format("2 January 2006"), plain(s.Command), list(s.Machine), list(s.Versions))
	for _, fault := range s.Faults() {
		text += "\n* ! " + plain(fault)
	}
	return text + "\n"
}
