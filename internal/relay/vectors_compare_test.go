package relay_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// A vector is one message and what the incumbent made of it.
type vector struct {
	name    string
	input   recorded
	outputs []recorded
}

// A verdict is what a relay does with a vector where the incumbent did something else.
type verdict struct {
	none   bool          // nothing is published though the incumbent did, or by both
	reason wire.Reason   // of a rejected message; 0 where a test does not care
	to     []string      // what is published instead
	skip   []wire.Reason // targets that are skipped
	why    string
}

// judge sends a vector and compares. Everything must be as with the incumbent, unless a verdict
// says otherwise.
func (b *bench) judge(t *testing.T, v vector, want *verdict) {
	t.Helper()
	from := v.input.Side
	var seen []sighting
	e := b.measure(func() { seen = b.carry(t, from, v.input.msg()) })
	if now := epochsOf(b.relay); !slices.Equal(now, b.epochs) {
		t.Errorf("connections were lost: epochs %v, before %v", now, b.epochs)
	}
	switch {
	case want == nil:
		b.checkAlike(t, v, seen)
	case want.none:
		if len(seen) != 0 {
			t.Errorf("published to %q, want nothing (%s)", clipAll(subjectsOf(seen)), want.why)
		}
	default:
		b.checkInstead(t, v, seen, want)
	}
	b.checkVerdictBooks(t, from, e, want, len(seen) == 0)
}

// checkVerdictBooks checks that what did not pass is in the books once, and on the right path.
func (b *bench) checkVerdictBooks(t *testing.T, from side, e effect, want *verdict, nothing bool) {
	t.Helper()
	var rejected, skipped int64
	for r := range wire.NumReasons {
		rejected += e.rejected[from][r]
		skipped += e.skipped[from][r]
	}
	if nothing && rejected == 0 && skipped == 0 || rejected > 1 || !nothing && rejected != 0 {
		t.Errorf("rejected: %s, copies skipped: %s", counts(e.rejected), counts(e.skipped))
	}
	if want == nil {
		return
	}
	if want.reason != wire.OK && e.rejected[from][want.reason] != 1 {
		t.Errorf("rejected: %s, want %s", counts(e.rejected), want.reason)
	}
	var expected effect
	for _, r := range want.skip {
		expected.skipped[from][r]++
	}
	if want.skip != nil && e.skipped != expected.skipped {
		t.Errorf("copies skipped: %s, want %s", counts(e.skipped), counts(expected.skipped))
	}
}

// checkAlike compares with all that the incumbent published.
func (b *bench) checkAlike(t *testing.T, v vector, seen []sighting) {
	t.Helper()
	if len(seen) != len(v.outputs) {
		t.Fatalf("published to %q, the incumbent to %d subjects", clipAll(subjectsOf(seen)), len(v.outputs))
	}
	for i, o := range v.outputs {
		s := seen[i]
		if s.side != o.Side || s.Subject != o.Subject {
			t.Errorf("published on the %s to %s, want %s, %s", s.side, s.Subject, o.Side, o.Subject)
		}
		checkPlain(t, s.Msg)
		if i > 0 && o.Data == v.outputs[i-1].Data && bytes.Equal(s.Data, seen[i-1].Data) {
			continue // another copy of what has been compared
		}
		got, want := meaning(t, s.Data), meaning(t, []byte(withHop(string(o.msg().Data), b.hops[v.input.Side])))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", s.Subject, clip(string(s.Data)), clip(o.Data))
		}
	}
}

// checkInstead compares with what is published in place of what the incumbent did.
func (b *bench) checkInstead(t *testing.T, v vector, seen []sighting, want *verdict) {
	t.Helper()
	if got := subjectsOf(seen); !slices.Equal(got, want.to) {
		t.Fatalf("published to %q, want %q (%s)", clipAll(got), clipAll(want.to), want.why)
	}
	if len(v.outputs) == 0 {
		return
	}
	expected := meaning(t, []byte(withHop(v.outputs[0].Data, b.hops[v.input.Side])))
	for _, s := range seen {
		checkPlain(t, s.Msg)
		if got := meaning(t, s.Data); !reflect.DeepEqual(got, expected) {
			t.Errorf("%s:\n got %s\nwant %s", s.Subject, clip(string(s.Data)), clip(v.outputs[0].Data))
		}
	}
}

// meaning is what a message says to its reader, whatever it looks like: data decoded, hops of two
// padded to three as the incumbent does. These two are the documented differences in an output.
func meaning(t *testing.T, payload []byte) map[string]any {
	t.Helper()
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, clip(string(payload)))
	}
	if data, ok := v["data"].(string); ok {
		v["data"] = decoded(data)
	}
	headers, _ := v["headers"].(map[string]any)
	for _, key := range []string{"seen-by", "trace"} {
		trace, _ := headers[key].([]any)
		for i, hop := range trace {
			if hop, ok := hop.([]any); ok && len(hop) == 2 {
				trace[i] = append(hop, "")
			}
		}
	}
	return v
}

// decoded is base64 as every receiver reads it: line breaks do not count. What is none stays as it
// is.
func decoded(data string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(data))
	if err != nil {
		return data
	}
	return string(raw)
}
