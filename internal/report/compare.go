package report

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Compare writes two runs side by side, with what b has in proportion to a and a verdict on b: better, worse, or within noise.
func Compare(w io.Writer, a, b *record.Run) error {
	of := [2]Summary{Summarize(a), Summarize(b)}
	var text strings.Builder
	for i, name := range []string{"A", "B"} {
		fmt.Fprintf(&text, "%s  %s  %s\n", name, of[i].Started.UTC().Format("2006-01-02 15:04:05 MST"), shell(of[i].Command))
	}
	text.WriteString("\n")
	text.WriteString(settingsDiff(&of[0], &of[1]))
	text.WriteString(table(compareRows(&of[0], &of[1])))
	text.WriteString("\n" + verdictRule)
	for i, name := range []string{"A", "B"} {
		text.WriteString(warnings(name, &of[i]))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

const verdictRule = `The verdict is on B. Within noise are differences up to the per cent in the last column, of the smaller of the two
numbers; counts of faults have no noise. Machines are noisier than that at times: repeat both, alternating.
`

// settingsDiff says in which settings the runs differ: apart from what is compared there should be none.
func settingsDiff(a, b *Summary) string {
	names := map[string]bool{}
	for _, s := range []*Summary{a, b} {
		for name := range s.With {
			names[name] = true
		}
	}
	rows := [][]string{{"setting", "A", "B"}}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if in, both := setting(a, name), setting(b, name); in != both {
			rows = append(rows, []string{plain(name), in, both})
		}
	}
	if len(rows) == 1 {
		return "The settings are the same.\n\n"
	}
	return table(rows) + "\n"
}

func setting(s *Summary, name string) string {
	v, ok := s.With[name]
	if !ok {
		return dash
	}
	return quoted(v)
}

func compareRows(a, b *Summary) [][]string {
	rows := [][]string{{"", "A", "B", "B/A", "verdict", "noise"}}
	for i := range metrics {
		m := &metrics[i]
		if m.better != "" {
			rows = append(rows, m.compare(a, b))
		}
	}
	return rows
}

func (m *metric) compare(a, b *Summary) []string {
	was, inA := m.value(a)
	is, inB := m.value(b)
	row := []string{m.name, cell(was, inA), cell(is, inB), dash, dash, fmt.Sprintf("%g %%", m.noise)}
	if !inA || !inB {
		row[4] = "unknown"
		return row
	}
	if was != 0 {
		row[3] = number(is / was)
	}
	row[4] = m.verdict(was, is)
	return row
}

func cell(v float64, known bool) string {
	if !known {
		return dash
	}
	return number(v)
}

// verdict judges the change from was to is as verdictRule says, the same both ways.
func (m *metric) verdict(was, is float64) string {
	change := math.Abs(is - was)
	if change <= m.noise/100*min(math.Abs(was), math.Abs(is)) {
		if change == 0 {
			return "same"
		}
		return "within noise"
	}
	if (is < was) == (m.better == "less") {
		return "better"
	}
	return "worse"
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
