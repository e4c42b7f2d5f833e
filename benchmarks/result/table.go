package result

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable prints the medians of all contestants and the ratios of those whose names begin with subject.
func WriteTable(w io.Writer, r *Run, subject string) {
	names := r.Contestants()
	for _, of := range names {
		if strings.HasPrefix(of, subject) {
			writeTable(w, r, of, names)
		}
	}
	fmt.Fprintf(w, "\nMedians of %d rounds; ratios are best by best and, in brackets, median by median. ! = invalid, see below.\n", r.Rounds)
	for _, fault := range r.Faults() {
		fmt.Fprintln(w, "!", fault)
	}
}

func writeTable(w io.Writer, r *Run, of string, names []string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nscenario\tfigure\t%s\t", strings.Join(names, "\t"))
	for _, to := range names {
		if to != of {
			fmt.Fprintf(t, "%s/%s\t", of, to)
		}
	}
	fmt.Fprintln(t)
	for _, s := range r.Scenarios {
		for _, m := range Metrics {
			if m.Kind == Main {
				writeRow(t, s, m, of, names)
			}
		}
	}
	t.Flush()
}

func writeRow(t io.Writer, s Scenario, m Metric, of string, names []string) {
	if _, ok := s.Figure(of, m); !ok {
		return
	}
	fmt.Fprintf(t, "%s\t%s\t", s.Name, strings.TrimSpace(m.Title+" "+m.Unit))
	for _, name := range names {
		fmt.Fprintf(t, "%s\t", cell(s.Figure(name, m)))
	}
	for _, to := range names {
		if to != of {
			fmt.Fprintf(t, "%s\t", ratioCell(s.Ratio(m, of, to)))
		}
	}
	fmt.Fprintln(t)
}

func cell(f Figure, ok bool) string {
	if !ok {
		return "-"
	}
	return Short(f.Median) + mark(f.Valid)
}

func ratioCell(r Ratio, ok bool) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.2f (%.2f)%s", r.Best, r.Median, mark(r.Valid))
}

func mark(valid bool) string {
	if valid {
		return ""
	}
	return "!"
}

// Short writes three digits of a figure, or all in front of the point.
func Short(v float64) string {
	switch {
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
