package report

import (
	"fmt"
	"os"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// The table of a document stands between these lines.
const (
	markdownBegin = "<!-- figures: written by benchmarks -markdown, do not edit -->\n"
	markdownEnd   = "<!-- end of figures -->\n"
)

// MarkdownInto puts the table of a series into a file, between the lines that say where.
func MarkdownInto(file string, s *record.Series, subject string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(content), markdownBegin)
	_, after, ended := strings.Cut(rest, markdownEnd)
	if !begun || !ended || strings.Contains(before+after, markdownBegin) || strings.Contains(before+after, markdownEnd) {
		return fmt.Errorf("%s: want the lines %q and %q once, with the table between them", file,
			strings.TrimSpace(markdownBegin), strings.TrimSpace(markdownEnd))
	}
	return os.WriteFile(file, []byte(before+markdownBegin+markdown(s, subject)+markdownEnd+after), 0o666)
}

func markdown(s *record.Series, subject string) string {
	rows := seriesRows(s, subject)
	text := "\n"
	for i, row := range rows {
		text += "| " + strings.Join(row, " | ") + " |\n"
		if i == 0 {
			text += "| --- | --- " + strings.Repeat("| ---: ", len(row)-2) + "|\n"
		}
	}
	return text + "\n" + conditions(s) + "\n"
}
