package demo

import (
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

var sample = numbers{
	totals: fleet.Totals{Requests: 17, Targets: 34000, Replies: 33000},
	part:   0.5, rate: 61234.5, p50: 12.34, p99: 40,
}

func TestPlainLine(t *testing.T) {
	const want = "requests 17  replies 33000/34000  61,234/s  p50 12.3 ms  p99 40.0 ms  lost 0  duplicates 0  unaccounted 0"
	if got := sample.plainLine(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestLiveLineFits(t *testing.T) {
	for width := range 200 {
		if got := sample.liveLine(width, false); len(got) > max(0, width-1) {
			t.Fatalf("%d columns wide, may be %d: %s", len(got), width-1, got)
		}
	}
	const want = "[#####-----] 33,000 replies 61,234/s, p50 12 p99 40 ms, lost 0 dup 0 unaccounted 0"
	if got := sample.liveLine(len(want)+1, false); got != want {
		t.Errorf("got %s", got)
	}
}

func TestColour(t *testing.T) {
	if got := sample.liveLine(100, false); strings.Contains(got, "\x1b") {
		t.Errorf("colour unasked: %q", got)
	}
	if got := sample.liveLine(100, true); !strings.Contains(got, green+"lost 0") {
		t.Errorf("%q", got)
	}
	lost, unaccounted := sample, sample
	lost.totals.Lost = 1
	unaccounted.unaccounted = 1
	for _, bad := range []numbers{lost, unaccounted} {
		if got := bad.liveLine(100, true); !strings.Contains(got, red+"lost") {
			t.Errorf("%q", got)
		}
	}
}

func TestSitesAndShares(t *testing.T) {
	names := sites(MaxCollectives)
	slices.Sort(names)
	if len(slices.Compact(names)) != MaxCollectives {
		t.Error("two collectives have one name")
	}
	if got := shares(10, 3); !slices.Equal(got, []int{3, 3, 4}) {
		t.Error(got)
	}
}
