package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// sometimes is what a run of many scenarios must have met, or it has proved less than it says.
var sometimes = []string{
	"cut upward inside a frame", "cut downward inside a frame", "stall upward", "stall downward",
	"vanish upward", "vanish downward", "dead upward", "dead downward", "slow", "read split",
	"write blocked", "write blocked for too long", "server blocked", "write taken in part", "write too slow", "flap", "everything cut", "fault before the login",
	"dial refused", "dial hangs", "dial refused by a stopped server", "lame duck", "restart behind a cut",
	"restart of the federation", "restart of the collective", "abort", "drain cut short", "reconnect",
	"request confirmed", "reply confirmed", "request unconfirmed", "reply unconfirmed",
	"request expired", "reply expired", "more lanes", "fewer lanes",
}

// A tally is what all scenarios of a run have met.
type tally struct {
	Scenarios int
	Seen      map[string]int             // scenarios, by what they have met
	Recovery  map[string][]time.Duration // by kind
}

func newTally() *tally {
	return &tally{Seen: make(map[string]int), Recovery: make(map[string][]time.Duration)}
}

// enough scenarios meet everything.
const enough = 200

func (a *tally) add(r result) {
	a.Scenarios++
	for what := range r.seen {
		a.Seen[what]++
	}
	for kind, took := range r.recovery {
		a.Recovery[kind] = append(a.Recovery[kind], took)
	}
}

// merge adds what another run has met.
func (a *tally) merge(b *tally) {
	a.Scenarios += b.Scenarios
	for what, n := range b.Seen {
		a.Seen[what] += n
	}
	for kind, took := range b.Recovery {
		a.Recovery[kind] = append(a.Recovery[kind], took...)
	}
}

// complete fails the test where something never happened.
func (a *tally) complete(t *testing.T) {
	t.Helper()
	for _, what := range sometimes {
		if a.Seen[what] == 0 {
			t.Errorf("not one scenario met: %s", what)
		}
	}
}

// String lists in how many scenarios what happened.
func (a *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d scenarios\n", a.Scenarios)
	for _, what := range slices.Sorted(maps.Keys(a.Seen)) {
		fmt.Fprintf(&b, "%7d %s\n", a.Seen[what], what)
	}
	for _, kind := range slices.Sorted(maps.Keys(a.Recovery)) {
		took := slices.Sorted(slices.Values(a.Recovery[kind]))
		fmt.Fprintf(&b, "%s: median %s, longest %s\n", kind, took[len(took)/2], took[len(took)-1])
	}
	return b.String()
}
