package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// recorded are six runs of one relay, one after the other, on a machine that had other things to
// do: p99, p99 of the first reply and time to the last copy in ms, CPU per copy and per reply in
// us, memory in MB.
var recorded = [][]float64{
	{114.879, 100.484, 21.567, 1.005, 2.26, 34.922},
	{45.727, 13.797, 20.159, 1.08, 1.813, 34.886},
	{99.775, 38.575, 24.639, 1.352, 2.12, 35.176},
	{55.263, 40.998, 26.063, 1.072, 2.79, 34.488},
	{78.463, 26.027, 32.959, 0.808, 1.793, 34.234},
	{111.807, 103.94, 22.095, 0.844, 2.416, 35.303},
}

// recordedSummary is run i of them. times multiplies what the relay used.
func recordedSummary(i int, times float64) Summary {
	v := recorded[i]
	copied, replied := v[3]*times, v[4]*times
	return Summary{
		Started: time.Unix(int64(60*i), 0), P99: &v[0], FirstReplyP99: &v[1], LastCopy: &v[2], CPUPerCopy: &copied,
		CPUPerReply: &replied, RelayRSS: &v[5],
	}
}

// verdicts are those of a comparison, with the numbers that have them.
func verdicts(a, b []Summary) map[string][]string {
	all := map[string][]string{}
	for _, row := range compareRows([2][]Summary{a, b})[1:] {
		all[row[4]] = append(all[row[4]], row[0])
	}
	delete(all, "unknown")
	return all
}

func TestTwoRunsOfOneRelayCannotTell(t *testing.T) {
	got := verdicts([]Summary{recordedSummary(0, 1)}, []Summary{recordedSummary(1, 1)})
	if len(got) != 1 || !slices.Contains(got[cannotTell], "first_reply_p99_ms") {
		t.Errorf("%v", got) // of which one was seven times as slow as the other
	}
}

func TestOneRelayIsNotDifferentFromItself(t *testing.T) {
	var a, b []Summary
	for i := 0; i < 6; i += 2 {
		a, b = append(a, recordedSummary(i, 1)), append(b, recordedSummary(i+1, 1))
	}
	got := verdicts(a, b)
	if len(got[better])+len(got[worse])+len(got[cannotTell]) > 0 || len(got[withinNoise]) != 6 {
		t.Errorf("%v", got)
	}
}

func TestARealDifferenceIsTold(t *testing.T) {
	var a, b []Summary
	for i := 0; i < 6; i += 2 {
		a, b = append(a, recordedSummary(i, 2.5)), append(b, recordedSummary(i+1, 1))
	}
	got := verdicts(a, b)
	if !slices.Equal(got[better], []string{"relay_cpu_us_per_copy", "relay_cpu_us_per_reply"}) || len(got[worse]) > 0 {
		t.Errorf("%v", got)
	}
	if back := verdicts(b, a); !slices.Equal(back[worse], got[better]) || len(back[better]) > 0 {
		t.Errorf("%v", back)
	}
}

func TestWithoutTurnsThereIsNoVerdict(t *testing.T) {
	var a, b []Summary
	for i := range 3 {
		a, b = append(a, recordedSummary(i, 2.5)), append(b, recordedSummary(i+3, 1))
	}
	if got := verdicts(a, b); len(got) != 1 || len(got[cannotTell]) == 0 {
		t.Errorf("%v", got)
	}
}

// A file that is named twice is one measurement.
func TestARunThatIsThereTwiceIsNoRepetition(t *testing.T) {
	a := []Summary{recordedSummary(0, 2.5), recordedSummary(0, 2.5), recordedSummary(4, 2.5)}
	b := []Summary{recordedSummary(1, 1), recordedSummary(1, 1), recordedSummary(5, 1)}
	if got := verdicts(a, b); len(got) != 1 || len(got[cannotTell]) == 0 {
		t.Errorf("%v", got)
	}
}

func TestWhatMakesAVerdict(t *testing.T) {
	cpu, faults, rate := &metric{unit: "us", better: less}, &metric{better: less}, &metric{unit: "/s", better: more}
	for _, c := range []struct {
		m             *metric
		before, after []float64
		want          string
	}{
		{cpu, []float64{10, 11, 12}, []float64{7, 7.5, 8}, better},
		{cpu, []float64{7, 7.5, 8}, []float64{10, 11, 12}, worse},
		{rate, []float64{7, 7.5, 8}, []float64{10, 11, 12}, better},
		{cpu, []float64{10, 11, 12}, []float64{8, 9, 10}, withinNoise},              // they touch
		{cpu, []float64{10, 11, 15}, []float64{6, 9.5, 9.9}, withinNoise},           // as wide
		{cpu, []float64{10, 10.01, 10.02}, []float64{9.8, 9.81, 9.82}, withinNoise}, // 2 %
		{cpu, []float64{10, 11}, []float64{1, 2}, cannotTell},
		{cpu, nil, nil, cannotTell},
		{faults, []float64{0, 0, 0}, []float64{1, 1, 2}, worse},
		{faults, []float64{0, 0, 0}, []float64{0, 0, 0}, same},
		{faults, []float64{0, 0, 0}, []float64{0, 1, 9}, withinNoise},
	} {
		if got := c.m.verdict(c.before, c.after); got != c.want {
			t.Errorf("%v, %v: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

// threeRounds are recorded figures of a series: a relay, the same that leaves reading and writing
// to its library, and the floor; CPU per copy and time to the last copy.
func threeRounds() *record.Series {
	s := &record.Series{Rounds: 3, Command: "make bench", Scenarios: []record.Scenario{{Name: "fanout-200-1024", Title: "200 targets"}}}
	for who, rounds := range map[string][3][2]float64{
		"floor":    {{0.68461, 0.6045}, {0.70199, 0.58342}, {0.96491, 0.68171}},
		"fedrelay": {{0.9195, 0.63303}, {0.94851, 0.62486}, {1.225, 0.78739}},
		"portable": {{1.6592, 0.68682}, {1.9314, 0.75043}, {2.1375, 0.8396}},
	} {
		for i, v := range rounds {
			s.Scenarios[0].Trials = append(s.Scenarios[0].Trials, record.Trial{
				Contestant: who, Round: i + 1,
				Outcome: record.Outcome{Figures: map[string]float64{record.CPUPerCopy: v[0], record.LastCopy: v[1], record.ServersCPU: 1}},
			})
		}
	}
	return s
}

// said are the verdicts of a table, by the figure that they are about.
func said(t *testing.T, write func(io.Writer) error) map[string]string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(b.String()) {
		for _, title := range []string{"CPU per copy us", "time to last copy ms"} {
			if _, rest, ok := strings.Cut(line, title); ok {
				all[title] = strings.TrimSpace(rest[strings.LastIndex(rest, "  "):])
			}
		}
	}
	return all
}

func TestContestantsOfOneSeriesAreCompared(t *testing.T) {
	got := said(t, func(w io.Writer) error { return Versus(w, threeRounds(), "portable", "fedrelay") })
	if want := (map[string]string{"CPU per copy us": better, "time to last copy ms": withinNoise}); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	one := threeRounds()
	one.Scenarios[0].Trials = slices.DeleteFunc(one.Scenarios[0].Trials, func(t record.Trial) bool { return t.Round > 1 })
	got = said(t, func(w io.Writer) error { return Versus(w, one, "portable", "fedrelay") })
	if want := (map[string]string{"CPU per copy us": cannotTell, "time to last copy ms": cannotTell}); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What is left when invalid rounds are taken away was in turns only in the rounds of both.
func TestRoundsThatCountForBothAreCompared(t *testing.T) {
	s := threeRounds()
	for i, trial := range s.Scenarios[0].Trials {
		if trial.Contestant == "portable" && trial.Round == 1 || trial.Contestant == "fedrelay" && trial.Round == 3 {
			s.Scenarios[0].Trials[i].Invalid = "7 lost"
		}
		if trial.Contestant != "floor" {
			s.Scenarios[0].Trials = append(s.Scenarios[0].Trials, record.Trial{Contestant: trial.Contestant, Round: trial.Round + 3, Outcome: trial.Outcome})
		}
	}
	for i, trial := range s.Scenarios[0].Trials {
		if trial.Contestant == "portable" && trial.Round == 5 || trial.Contestant == "fedrelay" && trial.Round == 6 {
			s.Scenarios[0].Trials[i].Invalid = "7 lost"
		}
	}
	a, b := inSameRounds(&s.Scenarios[0], "portable", "fedrelay", record.CPUPerCopy)
	if len(a) != 2 || len(b) != 2 { // rounds 2 and 4
		t.Errorf("%v, %v", a, b)
	}
	got := said(t, func(w io.Writer) error { return Versus(w, s, "portable", "fedrelay") })
	if want := (map[string]string{"CPU per copy us": cannotTell, "time to last copy ms": cannotTell}); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// A slower machine makes no slower relay: what is compared with an earlier series is how a relay
// stands to the floor.
func TestSeriesAreComparedByTheFloor(t *testing.T) {
	now := threeRounds()
	for _, trial := range now.Scenarios[0].Trials {
		trial.Figures[record.LastCopy] *= 3
		if trial.Figures[record.CPUPerCopy] *= 3; trial.Contestant == "fedrelay" {
			trial.Figures[record.CPUPerCopy] *= 1.5
		}
	}
	got := said(t, func(w io.Writer) error { return CompareSeries(w, threeRounds(), now, "fedrelay") })
	// The other is the same.
	if want := (map[string]string{"CPU per copy us": worse}); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if err := CompareSeries(io.Discard, &record.Series{}, now, "fedrelay"); err != nil {
		t.Error(err)
	}
	for i := range now.Scenarios[0].Trials {
		now.Scenarios[0].Trials[i].Invalid = "7 lost"
	}
	if got := said(t, func(w io.Writer) error { return CompareSeries(w, threeRounds(), now, "fedrelay") }); len(got) > 0 {
		t.Errorf("rounds that do not count: %s", fmt.Sprint(got))
	}
}
