package wan

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/report"
)

// Series is what Run found, with what it depends on.
type Series = record.Series

// Text prints tables and goals.
func Text(w io.Writer, s *Series) error {
	r := results{s}
	for _, t := range append(r.tables(), r.goalTable()) {
		if _, err := fmt.Fprintf(w, "\n%s", t.Text()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", report.Conditions(s, inBrackets))
	return err
}

// inBrackets says what stands there.
const inBrackets = ", in brackets the ratio to json as the median of the ratios in each round"

// Markdown puts tables and goals into a file, between the lines that say where.
func Markdown(file string, s *Series) error {
	r := results{s}
	var b strings.Builder
	for _, t := range append(r.tables(), r.goalTable()) {
		b.WriteString(t.Markdown())
	}
	fmt.Fprintf(&b, "\n%s\n", report.Conditions(s, inBrackets))
	return report.Into(file, "figures", "benchmarks -markdown", b.String())
}

// Draw writes the picture into a file.
func Draw(file string, s *Series) error {
	var b bytes.Buffer
	if err := Picture(&b, s); err != nil {
		return err
	}
	return record.ReplaceFile(file, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}
