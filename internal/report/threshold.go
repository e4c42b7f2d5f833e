package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Threshold is a condition that a run should meet, like p99<200ms or lost==0.
type Threshold struct {
	text, op string
	metric   *metric
	limit    float64 // in the unit of the metric
}

func (t Threshold) String() string { return t.text }

// ParseThreshold parses NAME OP VALUE. The name is that of a numeric field of the JSON report, with
// or without its unit. The operator is one of < <= > >= == !=. The value is a number in the unit of
// the field, a duration for a field that is a time, or true or false, which are 1 and 0.
func ParseThreshold(text string) (Threshold, error) {
	name, op, value := splitCondition(text)
	if op == "" || name == "" || value == "" {
		return Threshold{}, fmt.Errorf("threshold %q: want a name, one of < <= > >= == != and a value, like p99<200ms", text)
	}
	m, ok := metricNamed(name)
	if !ok {
		return Threshold{}, fmt.Errorf("threshold %q: there is no number %q; there are %s", text, name, metricNames())
	}
	limit, err := m.parse(value)
	if err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: %w", text, err)
	}
	return Threshold{strings.TrimSpace(text), op, m, limit}, nil
}

// splitCondition returns an empty op if there is none or if it does not exist.
func splitCondition(text string) (name, op, value string) {
	const signs = "<>=!"
	i := strings.IndexAny(text, signs)
	if i < 0 {
		return text, "", ""
	}
	value = strings.TrimLeft(text[i:], signs)
	op = text[i : len(text)-len(value)]
	if _, ok := operators[op]; !ok {
		op = ""
	}
	return strings.TrimSpace(text[:i]), op, strings.TrimSpace(value)
}

var operators = map[string]func(a, b float64) bool{
	"<":  func(a, b float64) bool { return a < b },
	"<=": func(a, b float64) bool { return a <= b },
	">":  func(a, b float64) bool { return a > b },
	">=": func(a, b float64) bool { return a >= b },
	"==": func(a, b float64) bool { return a == b },
	"!=": func(a, b float64) bool { return a != b },
}

func metricNames() string {
	var names []string
	for i := range metrics {
		names = append(names, metrics[i].short)
	}
	return strings.Join(names, ", ")
}

func (m *metric) parse(value string) (float64, error) {
	switch value {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
		return n, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, fmt.Errorf("%q is no number and no duration", value)
	}
	scale, ok := map[string]time.Duration{"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second}[m.unit]
	if !ok {
		return 0, fmt.Errorf("%s is not a time", m.short)
	}
	return float64(d) / float64(scale), nil
}

// Check returns the thresholds that a run does not meet. What was not measured meets none.
func Check(s Summary, thresholds []Threshold) (broken []Threshold) {
	for _, t := range thresholds {
		if got, known := t.metric.value(&s); !known || !operators[t.op](got, t.limit) {
			broken = append(broken, t)
		}
	}
	return broken
}

// Verdicts writes a line for each threshold: whether the run meets it (✓) or not (✗), and what was
// measured.
func Verdicts(w io.Writer, s Summary, thresholds []Threshold) error {
	for _, t := range thresholds {
		mark := "✓"
		if len(Check(s, []Threshold{t})) > 0 {
			mark = "✗"
		}
		got, known := t.metric.value(&s)
		if _, err := fmt.Fprintf(w, "%s %s: %s\n", mark, t.text, t.got(got, known)); err != nil {
			return err
		}
	}
	return nil
}

func (t Threshold) got(v float64, known bool) string {
	if !known {
		return "not measured"
	}
	return strings.TrimSpace(number(v) + " " + t.metric.unit)
}
