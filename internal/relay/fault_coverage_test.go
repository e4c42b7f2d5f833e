package relay_test

import (
	"regexp"
	"slices"
	"testing"
)

// requiredFaults are the faults that a relay meets while it runs, by the numbers of the list that
// they come from: T01 a server restarts, T02 one dies without a word, T07 a partition, T08 one of
// writes only, T09 half-open connections, T10 a flapping link, T11 a reset inside a frame, T12 a
// slow server, T13 a starved relay, T15 errors that end a connection, T16 a revoked login, T20 lame
// duck mode, T22 and T23 a changed max_payload, T24 missing rights, T25 denied subjects.
var requiredFaults = []string{
	"T01", "T02", "T07", "T08", "T09", "T10", "T11", "T12", "T13", "T15", "T16", "T20", "T22", "T23", "T24", "T25",
}

func TestFaultTestsCoverTheList(t *testing.T) {
	var covered []string
	for _, name := range testFunctions(t, "fault_*_test.go") {
		if id := regexp.MustCompile(`^TestFault(T\d\d)[A-Z]`).FindStringSubmatch(name); id != nil {
			covered = append(covered, id[1])
		}
	}
	slices.Sort(covered)
	if covered = slices.Compact(covered); !slices.Equal(covered, requiredFaults) {
		t.Errorf("covered:\n%q\nrequired:\n%q", covered, requiredFaults)
	}
}
