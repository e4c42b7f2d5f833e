package report

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

func FuzzParseThreshold(f *testing.F) {
	for _, text := range []string{"p99<200ms", "lost==0", "a!=b", "p99.9>=1e3", "generator_bound==false", "<<", "p50=1"} {
		f.Add(text)
	}
	s := Summarize(synthetic(5, 1, 1))
	f.Fuzz(func(t *testing.T, text string) {
		threshold, err := ParseThreshold(text)
		if err != nil {
			return
		}
		again, err := ParseThreshold(threshold.String())
		if err != nil || again != threshold {
			t.Fatalf("%q: %v, %v", text, again, err)
		}
		Check(s, []Threshold{threshold})
	})
}

// FuzzReport makes all reports from a run of any numbers: what record.Read lets through must not
// stop a report.
func FuzzReport(f *testing.F) {
	for _, run := range []*record.Run{{}, synthetic(3, 2, 1), bad()} {
		f.Add(fileOf(f, run), int64(0), uint32(0))
		f.Add(fileOf(f, run), int64(-1<<63), uint32(1<<32-1))
		f.Add(fileOf(f, run), int64(1<<63-1), uint32(1))
	}
	f.Fuzz(func(t *testing.T, file []byte, at int64, latency uint32) {
		run, err := record.Read(bytes.NewReader(file))
		if err != nil || len(run.Nodes) > 1000 || len(run.Requests) > 1000 {
			return
		}
		twist(run, at, latency)
		for _, report := range []func(io.Writer, *record.Run) error{Text, JSON, HTML} {
			if err := report(io.Discard, run); err != nil {
				t.Fatal(err)
			}
		}
		if err := Compare(io.Discard, []*record.Run{run}, []*record.Run{run, run}); err != nil {
			t.Fatal(err)
		}
	})
}

// twist puts numbers that no honest run has where the compression hides them from mutation.
func twist(run *record.Run, at int64, latency uint32) {
	if at == 0 {
		return
	}
	run.Totals.Lost, run.Totals.Late, run.Relay = at, at, append(run.Relay, record.Ledger{Confirmed: at, Path: "reply"})
	run.Cost = append(run.Cost, record.Sample{At: 1, RSS: at, CPU: -1}, record.Sample{At: 2, Switches: at})
	for i := range run.Requests {
		r := &run.Requests[i]
		r.Planned += time.Duration(at >> i)
		r.Sent -= time.Duration(at >> (i + 1))
		if len(r.Replies) > 0 {
			r.Replies[0] = latency
		}
	}
}

func fileOf(t testing.TB, run *record.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := record.Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
