package load

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func planned(p Plan) (at []time.Duration) {
	for n := range 1000 {
		when, more := p.plannedAt(n, time.Duration(n)*7*time.Millisecond)
		if !more {
			break
		}
		at = append(at, when)
	}
	return at
}

func TestPlans(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		plan Plan
		want []time.Duration
	}{
		{Plan{Rate: 100, Requests: 3}, []time.Duration{0, 10 * ms, 20 * ms}},
		{Plan{Rate: 100, Duration: 25 * ms}, []time.Duration{0, 10 * ms, 20 * ms}},
		{Plan{Rate: 100, Duration: 20 * ms}, []time.Duration{0, 10 * ms}},
		{Plan{Rate: 100, Duration: time.Hour, Requests: 2}, []time.Duration{0, 10 * ms}},
		{Plan{Burst: true, Requests: 3}, []time.Duration{0, 0, 0}},
		{Plan{ClosedLoop: true, Requests: 3}, []time.Duration{0, 7 * ms, 14 * ms}},
		{Plan{ClosedLoop: true, Duration: 10 * ms}, []time.Duration{0, 7 * ms}},
	} {
		if got := planned(c.plan); !slices.Equal(got, c.want) || c.plan.Check() != nil {
			t.Errorf("%+v: %v, want %v (%v)", c.plan, got, c.want, c.plan.Check())
		}
	}
}

func TestPlansThatMakeNoSense(t *testing.T) {
	for _, p := range []Plan{
		{}, {Rate: 1}, {Burst: true}, {Burst: true, Duration: time.Second}, {Rate: 1, Burst: true, Requests: 1},
		{Burst: true, ClosedLoop: true, Requests: 1}, {Rate: -1, Requests: 1}, {Rate: 1, Requests: -1}, {Rate: 2e6, Requests: 1},
	} {
		if p.Check() == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

// The cells of a window are its nodes in ascending order, and no node has two.
func TestWindowsAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.IntRange(1, 50).Draw(t, "all")
		n := rapid.IntRange(1, all).Draw(t, "n")
		k := rapid.IntRange(0, 1000).Draw(t, "k")
		w := windowOf(k, n, all)
		asked := map[int]bool{}
		for i := range n {
			asked[(k*n+i)%all] = true
		}
		last := -1
		for cell := range n {
			node := w.node(cell)
			back, ok := w.cell(node)
			if node <= last || !ok || back != cell || !asked[node] {
				t.Fatalf("%+v: cell %d is node %d, whose cell is %d", w, cell, node, back)
			}
			last = node
		}
		for node := -1; node <= all; node++ {
			if _, ok := w.cell(node); ok != asked[node] {
				t.Fatalf("%+v: node %d", w, node)
			}
		}
		if targets := w.targets(); (targets == nil) != (n == all) || targets != nil && int(targets[0]) != w.node(0) {
			t.Fatalf("%+v: targets %v", w, targets)
		}
	})
}

func TestSignsOfAGeneratorThatIsTheBottleneck(t *testing.T) {
	busy := usage{took: time.Second, cpu: 1000 * time.Second}
	short := usage{took: time.Millisecond, cpu: 1000 * time.Second}
	for name, c := range map[string]struct {
		strain
		want string
	}{
		"none":                  {strain{requests: 100, maxLag: time.Second, lags: 1}, ""},
		"replies dropped":       {strain{dropped: 7}, "too slow for 7 replies"},
		"errors":                {strain{errors: 7}, "7 errors"},
		"requests late":         {strain{requests: 100, lags: 2, maxLag: time.Second}, "2 of 100 requests were sent more than 10ms late, one of them 1s"},
		"late in a burst":       {strain{plan: Plan{Burst: true}, requests: 100, lags: 100, maxLag: time.Second}, ""},
		"slow to write":         {strain{plan: Plan{Burst: true}, usage: usage{took: time.Second}, writing: time.Second / 2}, "spent 500ms of 1s on writing"},
		"slow, in time":         {strain{plan: Plan{Rate: 1}, usage: usage{took: time.Second}, writing: time.Second / 2}, ""},
		"own CPU":               {strain{usage: busy}, "% of all CPUs"},
		"own CPU, briefly":      {strain{usage: short}, ""},
		"nothing at all to say": {strain{}, ""},
	} {
		if got := c.why(); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestCellsTellLateFromSlow(t *testing.T) {
	for latency, want := range map[time.Duration]uint32{
		-time.Second: 1, 0: 1, time.Microsecond: 2, time.Hour: 3_600_000_001, 10 * time.Hour: math.MaxUint32 - 1,
	} {
		if got := cellValue(latency); got != want {
			t.Errorf("%s: %d, want %d", latency, got, want)
		}
	}
}
