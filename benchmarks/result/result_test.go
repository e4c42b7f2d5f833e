package result

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func trial(who string, round int, invalid string, metrics map[string]float64) Trial {
	return Trial{Contestant: who, Round: round, Outcome: Outcome{Metrics: metrics, Invalid: invalid}}
}

func cpu(v float64) map[string]float64 { return map[string]float64{CPUCopy: v} }

func sample() *Run {
	r := &Run{Rounds: 3, Command: "make bench", Scenarios: []Scenario{
		{Name: "fanout", Title: "many targets", Trials: []Trial{
			trial("floor", 1, "", cpu(1)), trial("floor", 2, "", cpu(2)), trial("floor", 3, "", cpu(4)),
			trial("fedrelay", 1, "", cpu(3)), trial("fedrelay", 2, "5 lost", cpu(1)), trial("fedrelay", 3, "", cpu(5)),
			trial("other", 1, "1 lost", cpu(10)),
		}},
		{Name: "one", Title: "one target", Trials: []Trial{
			trial("direct", 1, "", map[string]float64{P50: 50}), trial("fedrelay", 1, "", map[string]float64{P50: 80}),
			trial("direct", 2, "", map[string]float64{P50: 70}), trial("fedrelay", 2, "", map[string]float64{P50: 90}),
		}},
		{Name: "storm", Title: "many replies", Trials: []Trial{
			trial("floor", 1, "", map[string]float64{Rate: 200}), trial("fedrelay", 1, "", map[string]float64{Rate: 100}),
			trial("floor", 2, "", map[string]float64{Rate: 100}), trial("fedrelay", 2, "", map[string]float64{Rate: 90}),
		}},
	}}
	r.Derive("fedrelay")
	return r
}

func metric(name string) Metric {
	for _, m := range Metrics {
		if m.Name == name {
			return m
		}
	}
	panic(name)
}

func TestOnlyValidRoundsCount(t *testing.T) {
	s := sample().Scenarios[0]
	if f, _ := s.Figure("fedrelay", metric(CPUCopy)); f != (Figure{Median: 4, Best: 3, Worst: 5, Rounds: 2, Valid: true}) {
		t.Errorf("%+v", f)
	}
	if f, _ := s.Figure("other", metric(CPUCopy)); f != (Figure{Median: 10, Best: 10, Worst: 10, Rounds: 1}) {
		t.Errorf("%+v", f)
	}
	if _, ok := s.Figure("nobody", metric(CPUCopy)); ok {
		t.Error("nobody has a figure")
	}
}

func TestRatios(t *testing.T) {
	r := sample()
	want := map[string]Ratio{
		"floor":  {"fanout", CPUCopy, "fedrelay", "floor", 3, 2, true},
		"other":  {"fanout", CPUCopy, "fedrelay", "other", 0.3, 0.4, false},
		"direct": {"one", P50, "fedrelay", "direct", 1.6, 1.417, true},
	}
	got := map[string]Ratio{}
	for _, ratio := range r.Ratios {
		if ratio.Metric != Rate {
			got[ratio.To] = ratio
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if best, _ := r.Scenarios[2].Ratio(metric(Rate), "fedrelay", "floor"); best.Best != 0.5 {
		t.Errorf("best of a rate is the highest: %+v", best)
	}
}

func TestAddedIsTheDifferenceToNoRelay(t *testing.T) {
	s := sample().Scenarios[1]
	if f, _ := s.Figure("fedrelay", metric(Added)); f.Best != 30 || f.Median != 25 || f.Worst != 40 {
		t.Errorf("%+v", f)
	}
	if _, ok := s.Figure("direct", metric(Added)); ok {
		t.Error("direct adds to itself")
	}
}

func TestTablesSayWhatIsInvalid(t *testing.T) {
	var b strings.Builder
	WriteTable(&b, sample(), "fedrelay")
	for _, want := range []string{"fedrelay/floor", "3.00 (2.00)", "10.0!", "0.30 (0.40)!", "! fanout, fedrelay, round 2: 5 lost"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestAComparisonToleratesNoiseOnly(t *testing.T) {
	for _, c := range []struct {
		change, spread float64
		higher         bool
		want           string
	}{
		{0.20, 0.10, false, "worse"}, {0.20, 0.18, false, "~"}, {-0.20, 0.10, false, "better"}, {0.04, 0, false, "~"},
		{-0.20, 0.10, true, "worse"}, {0.20, 0.10, true, "better"},
	} {
		if got := verdict(c.change, c.spread, Metric{Higher: c.higher}); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	before, now := sample(), sample()
	for _, tr := range now.Scenarios[2].Trials {
		if tr.Contestant == "fedrelay" {
			tr.Metrics[Rate] *= 10
		}
	}
	var b strings.Builder
	WriteComparison(&b, before, now, "fedrelay")
	if !strings.Contains(b.String(), "better") || strings.Contains(b.String(), "worse") {
		t.Error(b.String())
	}
}

func TestARunIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.json")
	want := sample()
	if err := Save(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if _, err := Load(path + "x"); err == nil {
		t.Error("read what is not there")
	}
}
