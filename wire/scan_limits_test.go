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
		{"the envelope itself", v1(full), Limits{Depth: 4, Hops: 1, Targets: 1}, OK},
		{"the envelope itself, headers in front", `{"headers":{` + full + `},"protocol":"choria:transport:1","data":""}`, Limits{Depth: 4, Hops: 1, Targets: 1}, OK},
		{"a level too little", v1(full), Limits{Depth: 3, Hops: 1, Targets: 1}, TooDeep},
		{"a level too little, headers in front", `{"headers":{` + full + `},"protocol":"choria:transport:1","data":""}`, Limits{Depth: 3, Hops: 1, Targets: 1}, TooDeep},
		{"lists as deep as allowed", nested(14), usual, OK},
		{"lists too deep", nested(15), usual, TooDeep},
		{"many lists side by side", v1(`"x":[` + strings.Repeat(`[[]],`, 1000) + `[]]`), usual, OK},
		{"objects too deep", v1(strings.Repeat(`"x":{`, 15) + strings.Repeat("}", 15)), usual, TooDeep},
		{"no depth at all", `{}`, Limits{}, TooDeep},
		{"a hop where none is written", v1(`"seen-by":[["a","b"]]`), Limits{Depth: 4, Hops: 0, Targets: 0}, OK},
		{"targets as allowed", string(request(50_000, 8)), usual, OK},
		{"a target too many", string(request(50_001, 8)), usual, TooManyTargets},
		{"no target allowed", string(request(1, 8)), Limits{Depth: 4, Hops: 1, Targets: 0}, TooManyTargets},
		{"targets that nobody needs", string(request(50_001, 8)), skipping, OK},
		{"no target allowed, nobody needs them", string(request(1, 8)), Limits{Depth: 4, Hops: 1, SkipTargets: true}, OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			var env Envelope
			if _, got := Scan([]byte(c.in), c.limits, &env, nil); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// How much there may be of what takes more time than its bytes depends on the size of a message.
// What clients send is far below.
func TestScanRejectsMessagesOfTooManyParts(t *testing.T) {
	bounded := usual
	bounded.Parts = 256
	for name, c := range map[string]struct {
		before, piece, behind string
		skip                  bool
	}{
		"escapes":            {`"mc_sender":"`, `\u0061`, `"`, false},
		"outside ASCII":      {`"mc_sender":"`, `é`, `"`, false},
		"unknown keys":       {`"b":0`, `,"a":0`, ``, false},
		"short values":       {`"x":[0`, `,0`, `]`, false},
		"empty hops":         {`"seen-by":[[]`, `,[]`, `]`, false},
		"elements of a hop":  {`"seen-by":[["",""`, `,""`, `]]`, false},
		"escaped names":      {`"federation":{"target":["a"`, `,"\u0061"`, `]}`, false},
		"escaped targets":    {`"federation":{"target":["a"`, `,"\u0061"`, `]}`, true},
		"targets and spaces": {`"federation":{"target":["a"`, `, "a"`, `]}`, true},
	} {
		bounded.SkipTargets = c.skip
		many := func(n int) []byte { return []byte(v1(c.before + strings.Repeat(c.piece, n) + c.behind)) }
		var env Envelope
		if _, r := Scan(many(100), bounded, &env, nil); r != OK {
			t.Errorf("%s: %q for a hundred", name, r)
		}
		if _, r := Scan(many(10_000), bounded, &env, nil); r != TooManyParts {
			t.Errorf("%s: %q for many", name, r)
		}
		if _, r := ScanNormalized(many(10_000), bounded, &env, nil); r != OK {
			t.Errorf("%s: %q where the incumbent has read it", name, r)
		}
	}
	ruby := strings.Repeat("QUJD", 15) + `\n`
	for name, b := range map[string][]byte{
		"a payload of Ruby":           []byte(`{"protocol":"choria:transport:1","data":"` + strings.Repeat(ruby, 10_000) + `"}`),
		"many targets":                request(50_000, 64),
		"short targets":               []byte(v1(`"federation":{"target":["a"` + strings.Repeat(`,"a"`, 49_999) + `]}`)),
		"short hops":                  []byte(v1(`"seen-by":[` + strings.Repeat(`["",""],`, 50_000) + `["",""]]`)),
		"short hops in another order": []byte(v1(`"federation":null,"seen-by":[` + strings.Repeat(`["",""],`, 50_000) + `["",""]]`)),
		"names outside ASCII":         []byte(v1(`"federation":{"target":["m.node.a"` + strings.Repeat(`,"m.node.сервер-москва"`, 200) + `]}`)),
		"names of escapes":            []byte(v1(`"federation":{"target":["m.node.a"` + strings.Repeat(`,"m.node.\u0441\u0435\u0440\u0432\u0435\u0440"`, 200) + `]}`)),
		"a hop a batch":               []byte(v1(`"seen-by":[` + strings.Repeat(clientHop+",", 5000) + clientHop + `]`)),
	} {
		bounded.SkipTargets = false
		var env Envelope
		if _, r := Scan(b, bounded, &env, nil); r != OK {
			t.Errorf("%s: %q", name, r)
		}
	}
}

// Targets are counted while scanning: those of a message that has too many are not collected first.
func TestScanCollectsNoMoreTargetsThanAllowed(t *testing.T) {
	var env Envelope
	targets, r := Scan(request(100_000, 8), Limits{Depth: 4, Hops: 1, Targets: 100}, &env, nil)
	if r != TooManyTargets || len(targets) != 100 {
		t.Errorf("%q after %d targets", r, len(targets))
	}
}

func TestScanRejectsDeepNestingAtOnce(t *testing.T) {
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

// Messages made of what takes most time to read take time in proportion to their size: nothing is
// read again for each level.
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
		b := message(1 << 16)
		var env Envelope
		n := testing.AllocsPerRun(5, func() {
			if _, r := Scan(b, usual, &env, nil); r != OK {
				t.Fatalf("%s: %v", name, r)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		mustBeLinear(t, name, message(1<<13), b)
	}
}

// mustBeLinear checks that eight times the size takes about eight times as long, not 64 times. On a
// busy machine it tries for longer.
func mustBeLinear(t *testing.T, name string, small, large []byte) {
	t.Helper()
	fast, slow := time.Hour, time.Hour
	for range 500 {
		fast, slow = min(fast, scanTime(small)), min(slow, scanTime(large))
		if slow <= 32*fast {
			return
		}
	}
	t.Errorf("%s: %v for %d bytes, %v for %d", name, slow, len(large), fast, len(small))
}

func scanTime(b []byte) time.Duration {
	var env Envelope
	start := time.Now()
	Scan(b, usual, &env, nil)
	return time.Since(start)
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
