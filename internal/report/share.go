package report

import (
	"fmt"
	"math"
	"os"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A Table is for those who report other things than this package knows, in the same manner.
type Table struct {
	Title string
	Left  int        // so many columns are words
	Rows  [][]string // the first one names the columns
}

// Text is the table with its columns aligned.
func (t Table) Text() string { return t.Title + "\n" + table(t.Left, t.Rows) }

// Markdown is the table with an empty line before it.
func (t Table) Markdown() string { return markdown([]titled{{t.Title, t.Left, t.Rows}}) }

// Number writes a figure with three digits or more, and a dash for what is none.
func Number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dash
	}
	return number(v)
}

// Conditions say when and how a series was measured, as Markdown. The first words are that figures
// are medians of so many rounds, followed by more.
func Conditions(s *record.Series, more string) string { return conditions(s, more) }

// Into puts text into a Markdown file, between two lines with a name of which the first one says by
// what it is written.
func Into(file, name, by, text string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin := fmt.Sprintf("<!-- %s: written by %s, do not edit -->\n", name, by)
	all, err := replaceBetween(string(content), begin, fmt.Sprintf("<!-- end of %s -->\n", name), text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(all), 0o666)
}
