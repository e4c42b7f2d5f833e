package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// traced scans a message with the given trace. It returns the trace that is written on, with a hop
// added if there is one.
func traced(t *testing.T, trace string, limit int, hop string) string {
	t.Helper()
	b := []byte(v1(`"seen-by":` + trace))
	limits := usual
	limits.Hops = limit
	var env Envelope
	if _, r := Scan(b, limits, &env, nil); r != OK {
		t.Fatalf("%q: %s", r, b)
	}
	var out struct {
		Headers struct {
			Trace json.RawMessage `json:"seen-by"`
		}
	}
	if err := json.Unmarshal(AppendReply(nil, b, &env, []byte(hop)), &out); err != nil {
		t.Fatal(err)
	}
	return string(out.Headers.Trace)
}

// Odd hops are written in the shape that the incumbent gives them. Two strings stay two.
func TestOddHopsAreCarried(t *testing.T) {
	for in, want := range map[string]string{
		`[["a","b","c"]]`:                    `[["a","b","c"],H]`,
		`[["a","b"]]`:                        `[["a","b"],H]`,
		`[["a"]]`:                            `[["a","",""],H]`,
		`[[]]`:                               `[["","",""],H]`,
		`[null]`:                             `[["","",""],H]`,
		`[ null , [ ] ]`:                     `[["","",""],["","",""],H]`,
		`[["a","b","c","d"]]`:                `[["a","b","c"],H]`,
		`[["a","b","c",{"d":[1]},null,-2]]`:  `[["a","b","c"],H]`,
		`[[null,"b"]]`:                       `[["","b",""],H]`,
		`[["a",null]]`:                       `[["a","",""],H]`,
		`[["a","b",null]]`:                   `[["a","b",""],H]`,
		`[["a","b"],["a"],["\u0061\n","é"]]`: `[["a","b"],["a","",""],["\u0061\n","é"],H]`,
	} {
		if got := traced(t, in, 16, `["H"]`); got != strings.ReplaceAll(want, "H", `["H"]`) {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

// However long a trace is, what is written of it is its first entry and the last ones.
func TestTheEndsOfALongTraceAreWritten(t *testing.T) {
	for _, spelling := range []string{`["%d","x"]`, `[ "%d", "x"]`, `["%d"]`} {
		for hops := range 70 {
			var all []string
			for i := range hops {
				all = append(all, fmt.Sprintf(spelling, i))
			}
			for limit := range 20 {
				mustKeepEnds(t, "["+strings.Join(all, ",")+"]", hops, limit)
			}
		}
	}
}

func mustKeepEnds(t *testing.T, trace string, hops, limit int) {
	t.Helper()
	var want []string
	for i := range hops {
		if hops <= limit || limit > 0 && (i == 0 || i > hops-limit) {
			want = append(want, fmt.Sprint(i))
		}
	}
	want = append(want, "own")
	var got [][]string
	if err := json.Unmarshal([]byte(traced(t, trace, limit, `["own","x"]`)), &got); err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, hop := range got {
		first = append(first, hop[0])
	}
	if !slices.Equal(first, want) {
		t.Fatalf("%d hops, limit %d: wrote %q, want %q", hops, limit, first, want)
	}
}

// A client that batches repeats its hop some thousand times. Writing must not read all of them
// again.
func TestOnlyTheEndsOfATraceAreReadAgain(t *testing.T) {
	b := []byte(v1(`"seen-by":[` + strings.Repeat(clientHop+",", 50_000) + clientHop + `]`))
	env, _ := mustScan(t, b)
	if behind := env.Trace.Off + env.Trace.Len - env.kept.tail.offset; env.Hops != 50_001 || int(behind) > (2*usual.Hops+1)*len(clientHop) {
		t.Errorf("%d bytes of %d are read again", behind, env.Trace.Len)
	}
}
