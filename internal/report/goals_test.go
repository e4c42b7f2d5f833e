package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/record"
)

// contest is a series in which floor, direct, relay and peer took part in every scenario of a goal,
// with such figures in each.
func contest(floor, direct, relay, peer float64) *record.Series {
	s := &record.Series{Rounds: 2, Peer: "peer"}
	for _, g := range goals {
		for _, name := range []string{g.scenario, g.scenario + overTLS} {
			if _, ok := s.Scenario(name); !ok {
				s.Scenarios = append(s.Scenarios, record.Scenario{Name: name})
			}
			scenario, _ := s.Scenario(name)
			for who, v := range map[string]float64{"floor": floor, "direct": direct, "fedrelay": relay, "peer": peer} {
				figures := map[string]float64{g.figure: v, record.LatencyP50: v}
				worse := map[string]float64{g.figure: 2 * v, record.LatencyP50: 2 * v}
				scenario.Trials = append(scenario.Trials, trial(who, 1, "", worse), trial(who, 2, "", figures))
			}
		}
	}
	return s
}

// cells are the outcomes of a goal.
func cells(t *testing.T, s *record.Series, words, base string) []string {
	t.Helper()
	for _, row := range goalRows(s, "fedrelay") {
		if row[0] == words && row[1] == base {
			return row[3:]
		}
	}
	t.Fatalf("no goal %s against %s", words, base)
	return nil
}

func TestGoalsAreMetBestByBest(t *testing.T) {
	s := contest(10, 30, 11, 440)
	for _, c := range []struct{ words, base, want string }{
		{"CPU per copy, 200 targets", "floor", "1.10 met"},
		{"latency p99 in the mix", "floor", "1.10 missed"},
		{"time to last copy, 10,000 nodes on 20 connections", "direct", "0.367 met"},
		{"CPU per copy, 200 targets", "peer", "0.025 met"},
		{"CPU per reply, 10,000 at once", "peer", "0.025 met"},
	} {
		if got := cells(t, s, c.words, c.base); !slices.Equal(got, []string{c.want, c.want}) {
			t.Errorf("%s, %s: %v", c.words, c.base, got)
		}
	}
	if got := cells(t, contest(10, 1, 10.99, 99), "added latency p50, one target", "floor"); got[0] != "1.11 missed" {
		t.Error(got) // 9.99 beyond the 1 of direct, and 9
	}
	if got := cells(t, contest(10, 30, 11, 430), "CPU per reply, 10,000 at once", "peer"); got[0] != "0.026 missed" {
		t.Error(got)
	}
}

func TestAGoalCountsOnlyWhatArrived(t *testing.T) {
	s := contest(10, 30, 10, 440)
	for i := range s.Scenarios {
		for k, t := range s.Scenarios[i].Trials {
			if t.Contestant != "floor" && !strings.HasSuffix(s.Scenarios[i].Name, overTLS) {
				s.Scenarios[i].Trials[k].Invalid = "7 lost"
				s.Scenarios[i].Trials[k].Figures[record.Lost] = 7
			}
		}
	}
	if got := cells(t, s, "CPU per copy, 200 targets", "floor"); !slices.Equal(got, []string{"1! missed", "1 met"}) {
		t.Error(got)
	}
	if got := cells(t, s, "lost, where the other relay loses some", "peer"); got[0] == "0 met" || got[1] != dash {
		t.Error(got)
	}
}

// One round without a fault gives a figure. That other rounds lost something must show all the
// same, whoever lost it.
func TestAGoalSaysThatSomeRoundsLostSomething(t *testing.T) {
	for _, who := range []string{"fedrelay", "floor"} {
		s := contest(10, 30, 10, 440)
		for i := range s.Scenarios {
			for k, t := range s.Scenarios[i].Trials {
				if t.Contestant == who && t.Round == 1 {
					s.Scenarios[i].Trials[k].Invalid = "7 lost"
				}
			}
		}
		if got := cells(t, s, "CPU per copy, 200 targets", "floor"); got[0] != "1! met" {
			t.Errorf("%s lost some: %v", who, got)
		}
	}
}

// A relay that did not get through a trial, or took no part, has lost nothing because it carried
// nothing.
func TestNobodyWhoFailedHasLostNothing(t *testing.T) {
	for name, change := range map[string]func(own *record.Trial){
		"failed":           func(own *record.Trial) { own.Invalid, own.Figures = "the relay ended", nil },
		"not done in time": func(own *record.Trial) { own.Invalid, own.Figures[record.Lost] = "not done in time", 0 },
		"absent":           func(own *record.Trial) { own.Contestant = "other" },
	} {
		s := contest(10, 30, 10, 440)
		for i := range s.Scenarios {
			for k := range s.Scenarios[i].Trials {
				if t := &s.Scenarios[i].Trials[k]; t.Contestant == "peer" {
					t.Figures[record.Lost] = 7
				} else if t.Contestant == "fedrelay" {
					change(t)
				}
			}
		}
		if got := lostWhere(s, "fedrelay", false); strings.Contains(got, " met") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAGoalOfAnotherScenarioIsNotJudged(t *testing.T) {
	if rows := goalRows(sample(), "fedrelay"); rows != nil {
		t.Error(rows)
	}
	s := contest(10, 30, 10, 440)
	s.Peer = ""
	for _, row := range goalRows(s, "fedrelay")[1:] {
		if row[1] != "floor" && row[1] != "direct" {
			t.Error(row)
		}
	}
}

// twins is a series in which a relay took part twice, with such medians.
func twins(first, second float64) *record.Series {
	s := &record.Series{Rounds: 3, Scenarios: []record.Scenario{{Name: "fanout", Title: "many"}}}
	for round := 1; round <= 3; round++ {
		v := float64(round) / 100
		s.Scenarios[0].Trials = append(s.Scenarios[0].Trials, trial("floor", round, "", cpu(1+v)),
			trial("fedrelay", round, "", cpu(first+v)), trial("fedrelay"+Again, round, "", cpu(second+v)), trial("other", round, "", cpu(1.2*first+v)))
	}
	return s
}

func TestTwinsSayWhatMeansNothing(t *testing.T) {
	var b strings.Builder
	if err := SeriesText(&b, twins(2, 3), "fedrelay"); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "fanout          1.50          1.50") || strings.Contains(text, Again) {
		t.Error(text)
	}
	b.Reset()
	if err := SeriesHTML(&b, twins(2, 3)); err != nil || !strings.Contains(b.String(), "the same relay twice: up to 1.50 times") {
		t.Error(err, b.String())
	}
	for second, want := range map[float64]string{2.01: worse, 3: withinNoise} {
		b.Reset()
		err := Versus(&b, twins(2, second), "fedrelay", "other")
		if row, _, _ := strings.Cut(b.String(), "\n\nThe verdict"); err != nil || !strings.HasSuffix(row, "  "+want) {
			t.Errorf("%g: %v %s", second, err, b.String())
		}
	}
}

func TestGoalsHaveAPlaceInADocument(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const place = markdownBegin + markdownEnd + "between\n"
	if err := os.WriteFile(file, []byte(place+moreBegin+"old\n"+moreEnd+"after\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := MarkdownInto(file, contest(10, 30, 11, 440), "fedrelay"); err != nil {
		t.Fatal(err)
	}
	content, _ := os.ReadFile(file)
	for _, want := range []string{
		"| one-target-tls | added latency p50 us |", "With TLS 1.3", "| CPU per copy, 200 targets | floor | 1.15 | 1.10 met | 1.10 met |\n", "\nafter\n",
	} {
		if !strings.Contains(string(content), want) {
			t.Errorf("no %q in\n%s", want, content)
		}
	}
	if err := os.WriteFile(file, []byte(place+moreBegin), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := MarkdownInto(file, contest(10, 30, 11, 440), "fedrelay"); err == nil {
		t.Error("goals without an end")
	}
}
