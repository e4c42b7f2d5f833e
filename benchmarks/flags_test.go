package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

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
