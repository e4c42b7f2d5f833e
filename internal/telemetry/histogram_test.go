package telemetry

import (
	"strconv"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

func TestDurationsAreInTheBucketsThatTheyBelongTo(t *testing.T) {
	h := NewHistogram(NodeBounds)
	for _, d := range []time.Duration{
		-time.Second, 0, time.Millisecond, time.Millisecond + 1, 70 * time.Millisecond, 10 * time.Minute, 2 * time.Hour,
	} {
		h.Observe(d, 1)
	}
	h.Observe(40*time.Second, 200)
	d := h.Snapshot()
	for i, want := range map[int]int64{0: 3, 1: 1, 6: 1, 14: 200, 17: 1, len(NodeBounds): 1} {
		if d.Counts[i] != want {
			t.Errorf("bucket up to %s has %d, want %d", bound(NodeBounds, i), d.Counts[i], want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { h.Observe(time.Second, 2) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// sealedView has two paths with seals, as a program with several clusters has.
type sealedView struct{ fakeView }

func (*sealedView) Paths() []Path {
	h, latency := NewHistogram(NodeBounds), NewHistogram(LatencyBounds)
	h.Observe(20*time.Millisecond, 1)
	h.Observe(1500*time.Millisecond, 1)
	latency.Observe(70*time.Microsecond, 200)
	latency.Observe(time.Minute, 1)
	seals := Seals{RoundTrips: h.Snapshot()}
	seals.Verdicts[wire.OK], seals.Verdicts[wire.SealForged] = 2, 3
	return []Path{{Name: "request", Latency: latency.Snapshot()}, {Name: "reply", Seals: seals}}
}

func TestSealsAreOnThePage(t *testing.T) {
	e := scrapeOf(t, start(t, &sealedView{}, Options{}))
	if e.types["fedrelay_node_round_trip_seconds"] != "histogram" {
		t.Errorf("types: %v", e.types)
	}
	const name = "fedrelay_node_round_trip_seconds"
	for le, want := range map[string]float64{"0.01": 0, "0.025": 1, "1": 1, "2.5": 2, "3600": 2, "+Inf": 2} {
		if got := e.sum(name+"_bucket", "le", le); got != want {
			t.Errorf("le=%s: %v, want %v", le, got, want)
		}
	}
	if e.sum(name+"_count") != 2 || e.sum(name+"_sum") != 1.52 {
		t.Errorf("count %v, sum %v", e.sum(name+"_count"), e.sum(name+"_sum"))
	}
	if e.sum("fedrelay_reply_seals_total", "reason", "") != 2 || e.sum("fedrelay_reply_seals_total", "reason", "seal_forged") != 3 {
		t.Error("the verdicts are others")
	}
}

// The latency of each path has its own series, and all of them from the start.
func TestAddedLatencyIsOnThePage(t *testing.T) {
	e := scrapeOf(t, start(t, &sealedView{}, Options{}))
	const name = "fedrelay_added_latency_seconds"
	for le, want := range map[string]float64{"5e-05": 0, "0.0001": 200, "10": 200, "+Inf": 201} {
		if got := e.sum(name+"_bucket", "le", le, "path", "request"); got != want {
			t.Errorf("le=%s: %v, want %v", le, got, want)
		}
	}
	if e.sum(name+"_count", "path", "request") != 201 || e.sum(name+"_sum", "path", "request") != 60.014 {
		t.Errorf("count %v, sum %v", e.sum(name+"_count"), e.sum(name+"_sum"))
	}
	replies := 0
	for _, s := range e.series {
		if s.name == name+"_bucket" && s.labels["path"] == "reply" {
			replies++
		}
	}
	if replies != len(LatencyBounds)+1 {
		t.Errorf("%d buckets of replies", replies)
	}
}

func TestBoundsAscend(t *testing.T) {
	for _, bounds := range [][]time.Duration{NodeBounds, LatencyBounds} {
		before := 0.0
		for i := range bounds {
			le, err := strconv.ParseFloat(bound(bounds, i), 64)
			if err != nil || le <= before {
				t.Errorf("bound %s after %v", bound(bounds, i), before)
			}
			before = le
		}
	}
}

// A busy relay counts more time than an int64 of nanoseconds holds: 100,000 copies each second that
// wait for 100 ms do so in ten days.
func TestASumOutlastsTheProcess(t *testing.T) {
	h := NewHistogram(LatencyBounds)
	for range 20 {
		h.Observe(10*time.Second, 100_000_000)
	}
	if d := h.Snapshot(); d.Sum != 2e10 || d.Count() != 2_000_000_000 {
		t.Errorf("%v seconds of %d", d.Sum, d.Count())
	}
}
