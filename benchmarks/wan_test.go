package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/wan"
	"github.com/fedrelay/fedrelay/internal/record"
)

// Each contestant on a short line, small: everything arrives, and is measured.
func TestTheLongHaul(t *testing.T) {
	setup := wan.Setup{
		Server: []string{os.Args[0], "wan-server"}, Relay: os.Args[0], Nodes: 300, Rounds: 1, Quick: true,
		Cells: []wan.Cell{{RoundTrip: 5 * time.Millisecond, Mbit: 100}},
	}
	var told []string
	all, err := wan.Run(t.Context(), setup, func(text string) { told = append(told, text) })
	if err != nil {
		t.Fatal(err)
	}
	s := &record.Series{Rounds: 1, Scenarios: all}
	for _, fault := range s.Faults() {
		t.Error(fault)
	}
	if len(told) < 10 || len(all) < 6 || len(s.Contestants()) != len(wan.Contestants()) {
		t.Errorf("%d scenarios of %q, told %q", len(all), s.Contestants(), told)
	}
	checkBytes(t, s)
}

// checkBytes expects that compression is in force: the replies of nodes are much alike.
func checkBytes(t *testing.T, s *record.Series) {
	t.Helper()
	replies, ok := s.Scenario("5ms-100M/replies-v1")
	if !ok {
		t.Fatal("no replies")
	}
	bytes := map[string]float64{}
	for _, trial := range replies.Trials {
		bytes[trial.Contestant] = trial.Figures["bytes_down"]
	}
	for who, n := range bytes {
		if plain := bytes["json"]; n == 0 || who != "json" && n > plain/3 {
			t.Errorf("%s: %g bytes, JSON %g", who, n, plain)
		}
	}
}

func TestASeriesOfLongLinesIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series")
	s := &record.Series{Rounds: 1, Scenarios: []record.Scenario{{Name: "100ms-100M/replies-v1", Trials: []record.Trial{
		{Contestant: "json", Round: 1, Outcome: record.Outcome{Figures: map[string]float64{"bytes_down": 7}}},
	}}}}
	if err := record.WriteSeries(path+".json", s); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"wan", "-from", path + ".json", "-out", path + "-again"}); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path + "-again.svg"); err != nil || !strings.Contains(string(content), "json: 7") {
		t.Errorf("%v in %s", err, content)
	}
}

func TestFlagsOfTheLongHaul(t *testing.T) {
	o, err := parseWAN([]string{"-cells", "^20ms-10M$", "-contestants", "leaf", "-rounds", "2"})
	if err != nil || len(o.setup.Cells) != 1 || o.setup.Only("json") || !o.setup.Only("leaf-s2_best") || o.setup.Rounds != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, wrong := range [][]string{{"-cells", "("}, {"-contestants", "("}, {"-cells", "1parsec"}, {"-nodes", "many"}, {"-rounds", "0"}, {"-nodes", "0"}, {"more"}} {
		if _, err := parseWAN(wrong); err == nil {
			t.Errorf("%q: no error", slices.Clone(wrong))
		}
	}
}
