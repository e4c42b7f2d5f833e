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
	parts["run"] = runRelay // as bin/fedrelay is called
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
		}
	}
	c.Cluster = message.Cluster
	c.Federation.TLS.CA, c.Collective.TLS.CA = os.Getenv("FEDRELAY_FEDERATION_TLS_CA"), os.Getenv("FEDRELAY_COLLECTIVE_TLS_CA")
	r, err := relay.New(c, relay.Options{Version: "test"})
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

// names are those of the scenarios and the contestants that options choose.
func names(t *testing.T, args ...string) (names []string) {
	t.Helper()
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newContest(o, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.scenarios {
		names = append(names, s.Name)
	}
	for _, c := range c.contestants {
		names = append(names, c.Name)
	}
	return names
}

func TestWhatIsMeasured(t *testing.T) {
	few, all := names(t), names(t, "-all")
	if slices.Contains(few, "broadcast-loop") || !slices.Contains(all, "broadcast-loop-tls") || len(few) > 31 || len(all) != 36+6 {
		t.Errorf("%d %v\n%d %v", len(few), few, len(all), all)
	}
	some := names(t, "-scenarios", "broadcast", "-contestants", "floor", "-peer", "other {fed}")
	if !slices.Equal(some, []string{"broadcast-loop", "broadcast-loop-tls", "floor", "other"}) {
		t.Error(some)
	}
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, pattern, _ := strings.Cut(string(makefile), "GOAL_SCENARIOS   = ")
	pattern, _, _ = strings.Cut(pattern, "\n")
	goals := names(t, "-scenarios", strings.ReplaceAll(pattern, "$$", "$"), "-contestants", "floor")
	if len(goals) != 2*9+1 {
		t.Error(goals)
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

func TestBadFlags(t *testing.T) {
	for says, args := range map[string][]string{
		`-rounds: "0": want a whole number above 0`:    {"-rounds", "0"},
		`-rounds: "many": want a whole number above 0`: {"-rounds", "many"},
		`-scenarios: "(": want a regular expression`:   {"-scenarios", "("},
		`-contestants: "[": want a regular expression`: {"-contestants", "["},
		`"abc" for flag -work`:                         {"-work", "abc"},
		`-work: -1s: want more than 0s`:                {"-work", "-1s"},
		"no such part: nobody":                         {"nobody"},
		"not defined: -no-such":                        {"-no-such"},
	} {
		if _, err := parse(args); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %s", args, err, says)
		}
	}
	if err := measure(t.Context(), []string{"-scenarios", "none of them"}); err == nil {
		t.Error("nothing to measure, and no error")
	}
	if err := measure(t.Context(), []string{"-h"}); err != nil {
		t.Errorf("asked for help: %v", err)
	}
	if err := parts["floor"](t.Context(), nil); !errors.Is(err, errArguments) {
		t.Error(err)
	}
}

func TestTheCommandNamesNoDirectories(t *testing.T) {
	const peer = "/opt/choria/bin/choria broker run --config=/home/me/broker.conf --fed nats://{fed}"
	o, err := parse([]string{"-rounds", "7", "-scenarios", "mix", "-work", "5s", "-peer", peer, "-out", "/tmp/x"})
	want := "bin/benchmarks -rounds 7 -scenarios 'mix' -work '5s' -peer 'choria broker run --config=broker.conf --fed nats://{fed}'"
	if o.command != want || err != nil {
		t.Errorf("%v\ngot  %s\nwant %s", err, o.command, want)
	}
	if o, _ := parse([]string{"-rounds", "2"}); o.command != "bin/benchmarks -rounds 2" {
		t.Error(o.command)
	}
}

func TestAPeerIsCalledByItsProgram(t *testing.T) {
	for peer, want := range map[string]string{
		"env": "env", "env A={ca} B=c /opt/choria run": "choria",
		"/opt/choria broker run": "choria", "sh benchmarks/choria.sh {fed}": "choria", "bash": "bash",
		"/old/fedrelay run {fed}": "peer-fedrelay", "floor": "peer-floor", "": variants[len(variants)-1].name,
	} {
		all := contestants("self", "relay", peer)
		if got := all[len(all)-1].Name; got != want {
			t.Errorf("%q: %s, want %s", peer, got, want)
		}
	}
}
