package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/benchmarks/trial"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// TestMain lets this program play the parts of a trial, as the real one does, and some more. Called
// with anything but flags of go test it never runs tests: they would call it again.
func TestMain(m *testing.M) {
	parts["run"], parts["edge"] = runRelay, runRelay // as bin/fedrelay is called
	maps.Copy(parts, liars())
	parts["version"] = func(context.Context, []string) error { return nil }
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		if err := run(context.Background(), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runRelay is the relay in this program, so that the test needs no other.
func runRelay(ctx context.Context, args []string) error {
	c := config.Default()
	for i, word := range args {
		switch word {
		case "--federation":
			c.Federation.Servers = []string{args[i+1]}
		case "--collective":
			c.Collective.Servers = []string{args[i+1]}
		case "--line":
			c.Line.Servers, c.Edge.Clusters, c.Edge.Group = []string{args[i+1]}, []string{message.Cluster}, "test"
		}
	}
	c.Cluster = message.Cluster
	c.Federation.TLS.CA, c.Collective.TLS.CA = os.Getenv("FEDRELAY_FEDERATION_TLS_CA"), os.Getenv("FEDRELAY_COLLECTIVE_TLS_CA")
	r, err := relay.NewProcess(c, relay.Options{Version: "test"})
	if err != nil {
		return err
	}
	return r.Run(ctx)
}

func quick(t *testing.T, patience time.Duration) trial.Settings {
	t.Helper()
	files, err := secure.Make(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return trial.Settings{
		Servers: []string{os.Args[0], "servers"}, Work: 50 * time.Millisecond, Patience: patience, Limit: time.Minute,
		Settle: 200 * time.Millisecond, Files: files,
	}
}

// All contestants but those from outside, in scenarios of all kinds, small.
func TestTheContest(t *testing.T) {
	for _, small := range []trial.Scenario{
		trial.OneTarget(20, 200), trial.Loop(20, 200), trial.FanOut(250, 16<<10), trial.Storm(500, 200), trial.Stream(1, 200), trial.Mix(200),
		trial.OneTarget(20, 200).OverTLS(), trial.FanOut(250, 16<<10).OverTLS(), trial.Storm(500, 200).OverTLS(), trial.Mix(200).OverTLS(),
		trial.Clients(40, 200), trial.Clients(40, 200).OverTLS(),
		trial.FanOut(1000, 200).SharedBy(120), trial.FanOut(20, 200).Away(20 * time.Millisecond).OverTLS(),
	} {
		t.Run(small.Name, func(t *testing.T) {
			t.Parallel()
			r := &record.Series{Rounds: 1, Machine: machine(), Versions: versions(t.Context(), os.Args[0])}
			c := contest{
				scenarios: []trial.Scenario{small}, contestants: contestants(os.Args[0], os.Args[0], ""), settings: quick(t, 10*time.Second), everybody: true,
			}
			if err := c.run(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			for _, fault := range r.Faults() {
				t.Error(fault)
			}
			checkFigures(t, r)
			checkReport(t, r)
		})
	}
}

func checkReport(t *testing.T, r *record.Series) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "latest")
	if err := show(r, options{output: path, keep: path + "-small.json"}); err != nil {
		t.Fatal(err)
	}
	if err := measure(t.Context(), []string{"-from", path + ".json", "-baseline", path + "-small.json"}); err != nil {
		t.Error(err)
	}
	content, err := os.ReadFile(path + ".html")
	if err != nil || !strings.Contains(string(content), r.Scenarios[0].Title) {
		t.Errorf("%v, a page of %d bytes", err, len(content))
	}
}

// checkFigures expects of every relay in every scenario what it cost.
func checkFigures(t *testing.T, r *record.Series) {
	t.Helper()
	for _, s := range r.Scenarios {
		for _, trial := range s.Trials {
			relay := slices.ContainsFunc(slices.Collect(maps.Keys(trial.Figures)), func(name string) bool {
				return strings.HasPrefix(name, "cpu_")
			})
			if relay == (trial.Contestant == "direct") {
				t.Errorf("%s: %+v", s.Name, trial)
			}
		}
		for _, trial := range s.Trials {
			checkCosts(t, s.Name, trial)
		}
		if len(s.Contestants()) < 4 {
			t.Errorf("%s: only %v", s.Name, s.Contestants())
		}
	}
}

// checkCosts expects of a relay how often it was switched away from, and of those that can tell
// what they allocated.
func checkCosts(t *testing.T, scenario string, of record.Trial) {
	t.Helper()
	_, switches := of.Figures[record.Switches]
	_, allocations := of.Figures[record.Allocations]
	if switches == (of.Contestant == "direct") || allocations != slices.Contains([]string{"floor", "plain"}, of.Contestant) {
		t.Errorf("%s: %+v", scenario, of)
	}
	if _, shared := of.Figures[record.ServersByCopy]; shared != strings.HasSuffix(scenario, "c") {
		t.Errorf("%s: %+v", scenario, of)
	}
}

func TestContestantsTakeTurns(t *testing.T) {
	c := contest{scenarios: scenarios()[:2], contestants: contestants("self", "relay", "")}
	all := c.turns(3)
	if len(all) != 3*(6+4) || all[29].done != 29 { // two stand aside over TLS
		t.Fatal(len(all))
	}
	for round := range 3 {
		if first := all[round*10].contestant.Name; first != ours[round] {
			t.Errorf("round %d begins with %s", round+1, first)
		}
	}
	c.everybody = true
	if all := c.turns(1); len(all) != 2*6 {
		t.Error(len(all))
	}
}

func TestALyingRelayIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		name     string
		scenario trial.Scenario
		want     string
	}{
		{"twice", trial.FanOut(20, 200), "arrived twice"},
		{"twice", trial.FanOut(20, 200).OverTLS(), "arrived twice"},
		{"forger", trial.Storm(20, 200), "data is not what was sent"},
		{"forger", trial.Storm(20, 200).OverTLS(), "data is not what was sent"},
		{"loser", trial.Storm(20, 200), "lost"},
		{"loser", trial.Storm(20, 200).OverTLS(), "lost"},
		{"confused", trial.Clients(20, 200), "lost"}, // what came to another client does not count
		{"lax", trial.FanOut(20, 200).OverTLS(), "protocol version"},
		{"absent", trial.FanOut(20, 200), "relay ended"},
	} {
		t.Run(c.name+" "+c.scenario.Name, func(t *testing.T) {
			t.Parallel()
			liar := trial.Contestant{Name: c.name, Command: []string{os.Args[0], c.name, "{fed}", "{col}", "{ca}"}}
			o, err := c.scenario.Run(t.Context(), liar, quick(t, time.Second/5))
			if got := fmt.Sprint(o.Invalid, err); !strings.Contains(got, c.want) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAnInterruptionLeavesWhatThereWas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	kept := filepath.Join(t.TempDir(), "baseline.json")
	err := measure(ctx, []string{"-relay", os.Args[0], "-scenarios", "one-target", "-keep", kept})
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Error(err)
	}
	if _, err := os.Stat(kept); err == nil {
		t.Error("half a series became a baseline")
	}
}

// What took long to measure is kept, whatever is wrong with the rest.
func TestFilesAreWrittenWithoutABaseline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latest")
	err := show(&record.Series{}, options{output: path, baseline: path + "-absent.json"})
	if _, missing := os.Stat(path + ".json"); missing != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, %v", missing, err)
	}
}

func TestNothingIsNotPublished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latest.json")
	if err := record.WriteSeries(path, &record.Series{}); err != nil {
		t.Fatal(err)
	}
	kept := path + "-small.json"
	if err := measure(t.Context(), []string{"-from", path, "-keep", kept}); !errors.Is(err, errNobody) {
		t.Error(err)
	}
	if _, err := os.Stat(kept); err == nil {
		t.Error("a baseline without a figure")
	}
}
