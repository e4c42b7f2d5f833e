package record

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func series() *Series {
	return &Series{
		Started: time.Unix(1e9, 0).UTC(), Elapsed: "1m", Command: "make bench", Rounds: 1,
		Machine: map[string]string{"cores": "2"}, Versions: map[string]string{"go": "go1"},
		Scenarios: []Scenario{{Name: "empty", Title: `"<>`}, {Name: "one", Title: "one target", Trials: []Trial{
			{Contestant: "floor", Round: 1, Outcome: Outcome{Figures: map[string]float64{Lost: 0, CPUPerCopy: 0.123456}}},
			{Contestant: "other", Round: 1, Outcome: Outcome{Figures: map[string]float64{}, Invalid: "not {\n\t\t\t\t\t} there"}},
			{Contestant: "floor", Round: 2, Outcome: Outcome{Figures: map[string]float64{CPUPerCopy: 2}}},
		}}},
	}
}

func TestASeriesIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series.json")
	want := series()
	if err := WriteSeries(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSeries(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	text, _ := os.ReadFile(path)
	if line := "\n\t\t\t\t" + `{ "contestant": "floor", "round": 2, "metrics": { "cpu_us_per_copy": 2 } }` + "\n"; !strings.Contains(string(text), line) {
		t.Errorf("a trial has no line:\n%s", text)
	}
	if _, err := ReadSeries(path + "x"); err == nil {
		t.Error("read what is not there")
	}
	if err := os.WriteFile(path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSeries(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

func TestATrimmedSeriesHasFewFigures(t *testing.T) {
	full := series()
	small := full.Trim(func(figure string) bool { return figure == CPUPerCopy })
	got := small.Scenarios[1].Trials[0].Figures
	if want := (map[string]float64{CPUPerCopy: 0.1235}); !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
	if !reflect.DeepEqual(full, series()) {
		t.Error("the whole one was changed")
	}
}

func TestAPartOfASeries(t *testing.T) {
	full := series()
	part := full.Only(func(name string) bool { return name == "one" }, func(name string) bool { return name != "floor" })
	if len(part.Scenarios) != 1 || !reflect.DeepEqual(part.Contestants(), []string{"other"}) {
		t.Errorf("%+v", part.Scenarios)
	}
	if !reflect.DeepEqual(full, series()) {
		t.Error("the whole one was changed")
	}
}

func TestWhoTookPartAndWhatWentWrong(t *testing.T) {
	s := series()
	if got := s.Contestants(); !reflect.DeepEqual(got, []string{"floor", "other"}) {
		t.Error(got)
	}
	if got := s.Faults(); len(got) != 1 || !strings.HasPrefix(got[0], "one, other, round 1: not {") {
		t.Error(got)
	}
	if one, ok := s.Scenario("one"); !ok || len(one.Trials) != 3 {
		t.Error(one)
	}
	if _, ok := s.Scenario("two"); ok {
		t.Error("there is a second scenario")
	}
}

func TestMediansAndDigits(t *testing.T) {
	for _, c := range []struct{ got, want float64 }{
		{Median(nil), 0}, {Median([]float64{3, 1, 2}), 2}, {Median([]float64{4, 1}), 2.5},
		{Digits(123.456, 4), 123.5}, {Digits(math.NaN(), 4), 0}, {Digits(math.Inf(1), 4), 0},
	} {
		if c.got != c.want {
			t.Errorf("%g, want %g", c.got, c.want)
		}
	}
}
