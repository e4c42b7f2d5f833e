package fleet

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"
)

func delays(t *testing.T, b Behaviour, n int) []time.Duration {
	t.Helper()
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	d := b.Dice(NewIDs(V1, 1).Next())
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = d.Wait(i)
	}
	return out
}

func near(got, want time.Duration) bool {
	return math.Abs(float64(got-want)) < float64(want)/20
}

func TestDelaysHaveTheirDistribution(t *testing.T) {
	for text, quantiles := range map[string]map[float64]time.Duration{
		"20ms":               {0: 20 * time.Millisecond, 0.99: 20 * time.Millisecond},
		"constant:1s":        {0.5: time.Second},
		"uniform:5ms..25ms":  {0.001: 5 * time.Millisecond, 0.5: 15 * time.Millisecond, 0.999: 25 * time.Millisecond},
		"lognormal:20ms,0.5": {0.5: 20 * time.Millisecond, 0.841: 33 * time.Millisecond, 0.159: 12130 * time.Microsecond},
	} {
		d := must(ParseDelay(text))
		got := delays(t, Behaviour{Delay: d}, 20000)
		slices.Sort(got)
		for q, want := range quantiles {
			if at := got[int(q*float64(len(got)))]; !near(at, want) {
				t.Errorf("%s: quantile %g is %s, want %s", text, q, at, want)
			}
		}
		if again := must(ParseDelay(d.String())); again != d {
			t.Errorf("%s: written as %s", text, d)
		}
	}
}

func TestDelaysThatMakeNoSense(t *testing.T) {
	for _, text := range []string{
		"20", "-1ms", "2h", "normal:1s", "uniform:1s", "uniform:2s..1s", "uniform:..", "lognormal:1s", "lognormal:1s,-1",
		"lognormal:1s,NaN", "lognormal:1s,9", "lognormal:,1", "constant:x", ":",
	} {
		if d, err := ParseDelay(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		}
	}
	if d, err := ParseDelay(""); err != nil || !d.IsZero() {
		t.Error(d, err)
	}
}

func TestShares(t *testing.T) {
	b := Behaviour{Loss: 0.25, Slow: 0.1, SlowTimes: 10, Delay: must(ParseDelay("1ms")), Seed: 7}
	ids := NewIDs(V2, 7)
	first, second := b.Dice(ids.Next()), b.Dice(ids.Next())
	silent, slow, moved := 0, 0, 0
	for node := range 10000 {
		if first.Silent(node) {
			silent++
		}
		if first.Silent(node) != second.Silent(node) {
			moved++
		}
		if first.Wait(node) == 10*time.Millisecond {
			slow++
		}
		if first.Wait(node) != second.Wait(node) {
			t.Fatal("a slow node is not always slow")
		}
	}
	if silent < 2300 || silent > 2700 || slow < 850 || slow > 1150 || moved < 3000 {
		t.Fatalf("%d silent, %d slow, %d silent once", silent, slow, moved)
	}
	if d := (Behaviour{Loss: 1}).Dice("x"); !d.Silent(0) {
		t.Fatal("somebody answers")
	}
}

// The nodes may run in another process: what they do follows from what they announce, and from the
// id.
func TestBehaviourTravels(t *testing.T) {
	b := Behaviour{Loss: 0.5, Delay: must(ParseDelay("lognormal:20ms,0.5")), Seed: 1 << 60}
	var there Behaviour
	if err := json.Unmarshal([]byte(mustJSON(b)), &there); err != nil || there != b {
		t.Fatalf("%+v %v", there, err)
	}
	for _, v := range []Version{V1, V2} {
		here, other := NewIDs(v, 3), NewIDs(v, 3)
		for range 100 {
			a, b := b.Dice(here.Next()), there.Dice(other.Next())
			if a.Silent(5) != b.Silent(5) || a.Wait(5) != b.Wait(5) {
				t.Fatalf("v%d: two processes disagree", v)
			}
		}
	}
}

func TestImpossibleBehaviour(t *testing.T) {
	delay := must(ParseDelay("1ms"))
	for _, b := range []Behaviour{
		{Loss: -0.1}, {Loss: 1.1}, {Loss: math.NaN()}, {Slow: 2}, {Slow: 0.1, SlowTimes: 10}, {Slow: 0.1, SlowTimes: 0.5, Delay: delay},
	} {
		if b.Check() == nil {
			t.Errorf("%+v was accepted", b)
		}
	}
}

func TestHeapGivesTheFirstFirst(t *testing.T) {
	var h dueHeap
	now := time.Now()
	for i := range 1000 {
		h.push(due{when: now.Add(time.Duration(mix(uint64(i)) % 500)), node: i})
	}
	last := now
	for len(h) > 0 {
		d := h.pop()
		if d.when.Before(last) {
			t.Fatal("out of order")
		}
		last = d.when
	}
}
