package report

import (
	"reflect"
	"strings"
)

// A metric is a number that a report shows: a field of Summary, or a figure of a record.Series.
type metric struct {
	name, short string // p50_ms, p50
	title       string // of a figure: CPU per copy
	unit        string // ms, us, s, MB, %, /s; empty for counts
	better      string // less, more; empty where neither is

	field int  // of Summary
	kind  kind // of a figure
	// beyond is another figure, of which this one is the difference to no relay. Empty if this one
	// is measured.
	beyond string
	// noise is by what share of itself the figure of one relay was another one when it took part
	// twice. 0 if it did not.
	noise float64
}

const (
	less = "less"
	more = "more"
)

// metrics are all numbers of Summary.
var metrics = metricsOf(reflect.TypeFor[Summary]())

func metricsOf(t reflect.Type) (all []metric) {
	for i := range t.NumField() {
		f := t.Field(i)
		kind := f.Type.Kind()
		if kind == reflect.Pointer {
			kind = f.Type.Elem().Kind()
		}
		if kind != reflect.Int64 && kind != reflect.Float64 && kind != reflect.Bool {
			continue
		}
		name := f.Tag.Get("json")
		m := metric{name: name, short: name, better: f.Tag.Get("better"), field: i}
		for _, u := range units {
			if strings.HasSuffix(m.name, u.suffix) {
				m.unit = u.unit
				if u.short {
					m.short = strings.TrimSuffix(m.name, u.suffix)
				}
				break
			}
		}
		all = append(all, m)
	}
	return all
}

// units are found by the suffix of a name; the first that fits counts. A name without its unit is
// short for it, but not where it would be the name of something else.
var units = []struct {
	suffix, unit string
	short        bool
}{
	{"_us_per_copy", "us", false},
	{"_us_per_reply", "us", false},
	{"_percent", "%", false},
	{"_per_s", "/s", false},
	{"_ms", "ms", true},
	{"_mb", "MB", true},
	{"_s", "s", true},
}

// value returns the number in a summary, false if it was not measured. Of a bool true is 1.
func (m *metric) value(s *Summary) (float64, bool) {
	v := reflect.ValueOf(s).Elem().Field(m.field)
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return 0, false
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Int64:
		return float64(v.Int()), true
	case reflect.Bool:
		if v.Bool() {
			return 1, true
		}
		return 0, true
	}
	return v.Float(), true
}

// metricNamed finds a metric by its name or its short name. p99.9 is p999.
func metricNamed(name string) (*metric, bool) {
	if name == "p99.9" {
		name = "p999"
	}
	for i := range metrics {
		if m := &metrics[i]; m.name == name || m.short == name {
			return m, true
		}
	}
	return nil, false
}
