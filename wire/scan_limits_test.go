package wire

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestScanCountsDepthAndTargets(t *testing.T) {
	nested := func(n int) string { return v1(`"x":` + strings.Repeat("[", n) + strings.Repeat("]", n)) }
	full := `"seen-by":[["a","b"]],"federation":{"target":["a.b"]}`
	for _, c := range []struct {
		name, in string
		limits   Limits
		want     Reason
	}{
		{"the envelope itself", v1(full), Limits{4, 1, 1, false}, OK},
		{"the envelope itself, headers in front", `{"headers":{` + full + `},"protocol":"choria:transport:1","data":""}`, Limits{4, 1, 1, false}, OK},
		{"a level too little", v1(full), Limits{3, 1, 1, false}, TooDeep},
		{"a level too little, headers in front", `{"headers":{` + full + `},"protocol":"choria:transport:1","data":""}`, Limits{3, 1, 1, false}, TooDeep},
		{"lists as deep as allowed", nested(14), usual, OK},
		{"lists too deep", nested(15), usual, TooDeep},
		{"many lists side by side", v1(`"x":[` + strings.Repeat(`[[]],`, 1000) + `[]]`), usual, OK},
		{"objects too deep", v1(strings.Repeat(`"x":{`, 15) + strings.Repeat("}", 15)), usual, TooDeep},
		{"no depth at all", `{}`, Limits{}, TooDeep},
		{"a hop where none is written", v1(`"seen-by":[["a","b"]]`), Limits{4, 0, 0, false}, OK},
		{"targets as allowed", string(request(50_000, 8)), usual, OK},
		{"a target too many", string(request(50_001, 8)), usual, TooManyTargets},
		{"no target allowed", string(request(1, 8)), Limits{4, 1, 0, false}, TooManyTargets},
		{"targets that nobody needs", string(request(50_001, 8)), skipping, OK},
		{"no target allowed, nobody needs them", string(request(1, 8)), Limits{4, 1, 0, true}, OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			var env Envelope
			if _, got := Scan([]byte(c.in), c.limits, &env, nil); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// The count is kept while scanning: what is refused is not collected first.
func TestScanCollectsNoMoreTargetsThanAllowed(t *testing.T) {
	var env Envelope
	targets, r := Scan(request(100_000, 8), Limits{Depth: 4, Hops: 1, Targets: 100}, &env, nil)
	if r != TooManyTargets || len(targets) != 100 {
		t.Errorf("%q after %d targets", r, len(targets))
	}
}

func TestScanRefusesDeepNestingAtOnce(t *testing.T) {
	for _, n := range []int{20_000, 1_000_000} {
		for name, in := range map[string]string{
			"top level lists":      strings.Repeat("[", n),
			"top level objects":    strings.Repeat(`{"a":`, n),
			"unknown key":          v1(`"x":` + strings.Repeat("[", n) + strings.Repeat("]", n)),
			"unknown key, objects": v1(`"x":` + strings.Repeat(`{"a":`, n)),
			"in the trace":         v1(`"seen-by":` + strings.Repeat("[", n)),
			"in the targets":       v1(`"federation":{"target":` + strings.Repeat("[", n)),
			"in the payload":       `{"protocol":"choria:transport:1","data":` + strings.Repeat("[", n),
			"headers in front":     `{"headers":` + strings.Repeat(`{"federation":`, n),
		} {
			var env Envelope
			start := time.Now()
			if _, r := Scan([]byte(in), usual, &env, nil); r != TooDeep && r != BadType {
				t.Errorf("%s %d: %q", name, n, r)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%s %d: %v", name, n, took)
			}
		}
	}
}

// A message made of the most laborious pieces takes time in proportion to its size: no piece is read twice per level.
func TestScanIsLinear(t *testing.T) {
	for name, piece := range map[string]string{
		"escaped keys":        `"\u0061":0,`,
		"nearly known keys":   `"federatioM":0,`,
		"folded beginnings":   `"\u0046EDERATIO":0,`,
		"strings of escapes":  `"x":"\ud83d\ude00\n\"",`,
		"strings of two-byte": `"x":"` + strings.Repeat("é", 50) + `",`,
		"small numbers":       `"x":-1.0e-1,`,
		"small lists":         `"x":[[[[]]]],`,
	} {
		message := func(size int) []byte {
			return []byte(v1(strings.Repeat(piece, size/len(piece)) + `"mc_sender":"c"`))
		}
		b := message(1 << 18)
		var env Envelope
		n := testing.AllocsPerRun(5, func() {
			if _, r := Scan(b, usual, &env, nil); r != OK {
				t.Fatalf("%s: %v", name, r)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		// Eight times the size takes eight times as long, not 64 times.
		small, large := fastestScan(message(1<<15)), fastestScan(b)
		if large > 32*small {
			t.Errorf("%s: %v for 256 KiB, %v for 32 KiB", name, large, small)
		}
	}
}

// fastestScan is the best time of several.
func fastestScan(b []byte) time.Duration {
	var env Envelope
	best := time.Hour
	for range 10 {
		start := time.Now()
		Scan(b, usual, &env, nil)
		best = min(best, time.Since(start))
	}
	return best
}

func TestScanLeavesTheMessageAlone(t *testing.T) {
	b := request(10, 64)
	before := bytes.Clone(b)
	env, _ := mustScan(t, b)
	AppendReply(AppendRequest(nil, b, &env, collectiveSubject, relayHop), b, &env, relayHop)
	if !bytes.Equal(b, before) {
		t.Error("bytes changed")
	}
}
