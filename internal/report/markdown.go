package report

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// The table of a document stands between these lines.
const (
	markdownBegin = "<!-- figures: written by benchmarks -markdown, do not edit -->\n"
	markdownEnd   = "<!-- end of figures -->\n"
)

// MarkdownInto puts the table of a series into a file, between the lines that say where.
func MarkdownInto(file string, s *record.Series) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begun := bytes.Cut(content, []byte(markdownBegin))
	_, after, ended := bytes.Cut(rest, []byte(markdownEnd))
	if !begun || !ended {
		return fmt.Errorf("%s: want the lines %q and %q, with the table between them", file,
			strings.TrimSpace(markdownBegin), strings.TrimSpace(markdownEnd))
	}
	return os.WriteFile(file, slices.Concat(before, []byte(markdownBegin+Markdown(s)+markdownEnd), after), 0o666)
}

// Markdown writes the main figures of a series as a table: medians, and in brackets from the best round to the worst.
func Markdown(s *record.Series) string {
	names := s.Contestants()
	var b strings.Builder
	row := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	b.WriteString("\n")
	row(append([]string{"scenario", "figure"}, names...))
	row(append([]string{"---", "---"}, slices.Repeat([]string{"---:"}, len(names))...))
	for i := range s.Scenarios {
		scenario := &s.Scenarios[i]
		for k := range figures {
			if cells, any := markdownCells(scenario, &figures[k], names); any {
				row(cells)
			}
		}
	}
	b.WriteString("\n" + conditions(s) + "\n\n")
	return b.String()
}

func markdownCells(s *record.Scenario, m *metric, names []string) (cells []string, any bool) {
	cells = []string{s.Title, m.label()}
	for _, name := range names {
		f, ok := figureOf(s, name, m)
		if !ok || m.kind != kindMain {
			cells = append(cells, "")
			continue
		}
		any = true
		cell := number(f.median)
		if m.beyond == "" { // the best difference is not that of any round
			cell += fmt.Sprintf(" (%s to %s)", number(f.best), number(f.worst))
		}
		cells = append(cells, cell+mark(f.valid))
	}
	return cells, any
}

// conditions say what the figures depend on, and how to have the same again.
func conditions(s *record.Series) string {
	all := func(of map[string]string) string {
		var words []string
		for _, name := range slices.Sorted(maps.Keys(of)) {
			words = append(words, strings.TrimPrefix(name+" "+of[name], "go ")) // it says so itself
		}
		return strings.Join(words, ", ")
	}
	text := fmt.Sprintf("Medians of %s, in brackets the best and the worst. Measured on %s with %s.\n\n* Machine: %s.\n* Versions: %s.",
		plural(int64(s.Rounds), "round"), s.Started.UTC().Format("2 January 2006"), "`"+s.Command+"`", all(s.Machine), all(s.Versions))
	for _, fault := range s.Faults() {
		text += "\n* ! " + plain(fault)
	}
	return text
}
