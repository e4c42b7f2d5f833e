package telemetry

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// An exposition is Prometheus text, read strictly.
type exposition struct {
	types  map[string]string
	series []series
}

type series struct {
	name   string
	labels map[string]string
	keys   string // label names as written, joined by commas
	value  float64
}

var (
	seriesLine = regexp.MustCompile(`^([a-z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:, ?|$)`)
)

// parse fails the test on anything that is not the text format, on a family in two places, and on a
// series that is there twice.
func parse(t *testing.T, text string) exposition {
	t.Helper()
	e := exposition{types: map[string]string{}}
	seen := map[string]bool{}
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line does not end")
	}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if fields := strings.Fields(line); fields[0] == "#" {
			e.comment(t, line, fields)
			continue
		}
		s := parseSeries(t, line)
		if id := line[:strings.LastIndexByte(line, ' ')]; seen[id] {
			t.Errorf("%s is there twice", id)
		} else {
			seen[id] = true
		}
		e.series = append(e.series, s)
	}
	return e
}

func (e *exposition) comment(t *testing.T, line string, fields []string) {
	t.Helper()
	switch fields[1] {
	case "HELP":
		if len(fields) < 4 {
			t.Errorf("no help: %q", line)
		}
	case "TYPE":
		if e.types[fields[2]] != "" {
			t.Errorf("a second TYPE: %q", line)
		}
		e.types[fields[2]] = fields[3]
	default:
		t.Errorf("strange comment: %q", line)
	}
}

func parseSeries(t *testing.T, line string) series {
	t.Helper()
	m := seriesLine.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("not a series: %q", line)
	}
	value, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		t.Errorf("%q: %v", line, err)
	}
	s := series{name: m[1], labels: map[string]string{}, value: value}
	var keys []string
	for rest := m[2]; rest != ""; {
		pair := labelPair.FindStringSubmatch(rest)
		if pair == nil {
			t.Fatalf("not labels: %q", rest)
		}
		s.labels[pair[1]] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(pair[2])
		keys = append(keys, pair[1])
		rest = rest[len(pair[0]):]
	}
	s.keys = strings.Join(keys, ",")
	return s
}

// sum adds up the series of a family that have these labels (name, value, ...).
func (e exposition) sum(name string, labels ...string) (sum float64) {
	for _, s := range e.series {
		match := s.name == name
		for i := 0; i < len(labels); i += 2 {
			match = match && s.labels[labels[i]] == labels[i+1]
		}
		if match {
			sum += s.value
		}
	}
	return sum
}
