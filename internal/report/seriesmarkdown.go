package report

import (
	"fmt"
	"os"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// The tables of a document stand between these lines. More of them, such as the goals, stand where
// the document has a place for them.
const (
	markdownBegin = "<!-- figures: written by benchmarks -markdown, do not edit -->\n"
	markdownEnd   = "<!-- end of figures -->\n"
	moreBegin     = "<!-- goals: written by benchmarks -markdown, do not edit -->\n"
	moreEnd       = "<!-- end of goals -->\n"
)

// MarkdownInto puts the tables of a series into a file, between the lines that say where.
func MarkdownInto(file string, s *record.Series, subject string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(content)
	if text, err = replaceBetween(text, markdownBegin, markdownEnd, markdown(seriesTables(s, subject))+"\n"+conditions(s, bestAndWorst)+"\n"); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if strings.Contains(text, moreBegin) {
		if text, err = replaceBetween(text, moreBegin, moreEnd, markdown(moreTables(s, subject))+"\n"); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return os.WriteFile(file, []byte(text), 0o666)
}

// replaceBetween replaces what stands between two lines of a text. There must be one place only.
func replaceBetween(text, begin, end, with string) (string, error) {
	before, rest, begun := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended || strings.Contains(before+after, begin) || strings.Contains(before+after, end) {
		return text, fmt.Errorf("want the lines %q and %q once, with the table between them", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return before + begin + with + end + after, nil
}

func markdown(tables []titled) (text string) {
	for _, t := range tables {
		text += "\n" + t.title + "\n\n"
		for i, row := range t.rows {
			text += "| " + strings.Join(row, " | ") + " |\n"
			if i == 0 {
				text += strings.Repeat("| --- ", t.left) + strings.Repeat("| ---: ", len(row)-t.left) + "|\n"
			}
		}
	}
	return text
}
