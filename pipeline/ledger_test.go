package pipeline_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// The ledger against a model that keeps two plain numbers.
func TestLedgerBalancesWheneverNothingIsUnderWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l pipeline.Ledger
		var inParse, inFlight int64
		t.Repeat(map[string]func(*rapid.T){
			"receive": func(t *rapid.T) {
				n := rapid.IntRange(0, 5).Draw(t, "n")
				l.Receive(n)
				inParse += int64(n)
			},
			"reject": func(t *rapid.T) {
				if inParse == 0 {
					t.Skip("nothing in parse")
				}
				l.Reject(wire.Reason(rapid.IntRange(1, int(wire.NumReasons)-1).Draw(t, "reason")))
				inParse--
			},
			"accept": func(t *rapid.T) {
				if inParse == 0 {
					t.Skip("nothing in parse")
				}
				messages := rapid.IntRange(1, int(min(inParse, 5))).Draw(t, "messages")
				copies := rapid.IntRange(messages, 9).Draw(t, "copies")
				l.Accept(messages, copies)
				inParse -= int64(messages)
				inFlight += int64(copies)
			},
			"settle": func(t *rapid.T) {
				if inFlight == 0 {
					t.Skip("nothing in flight")
				}
				n := rapid.Int64Range(1, inFlight).Draw(t, "copies")
				f := pipeline.Fate(rapid.IntRange(0, int(pipeline.NumFates)-1).Draw(t, "fate"))
				l.Settle(f, wire.OK, int(n))
				inFlight -= n
			},
			"": func(t *rapid.T) {
				s := l.Snapshot()
				if s.InParse() != inParse || s.InFlight() != inFlight {
					t.Fatalf("in parse %d, in flight %d: %s", inParse, inFlight, s.String())
				}
				if s.Balanced() != (inParse == 0 && inFlight == 0) {
					t.Fatalf("balanced: %s", s.String())
				}
			},
		})
	})
}

func TestTheLineNamesEveryFate(t *testing.T) {
	var l pipeline.Ledger
	l.Receive(1)
	l.Accept(1, 3)
	l.Settle(pipeline.Denied, wire.OK, 1)
	l.Drop(7)
	s := l.Snapshot()
	line := s.String()
	for _, want := range []string{
		"received 1 = accepted 1 + rejected 0", "copies 3 =", "denied 1", "unconfirmed 0", "in flight 2", "ingest_dropped 7",
	} {
		if !strings.Contains(line, want) {
			t.Errorf("%q lacks %q", line, want)
		}
	}
}
