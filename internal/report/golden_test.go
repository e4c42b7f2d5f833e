package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fedrelay/fedrelay/internal/record"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// bad returns a run in which all went wrong that can.
func bad() *record.Run {
	run := synthetic(60, 4, 1)
	run.Meta.InProcess, run.Meta.Relay = false, ""
	run.Meta.Settings["closed-loop"] = "true"
	run.Meta.Command = append(run.Meta.Command, "\x1b[2Jowned", "it's")
	run.Totals.Lost += 3
	run.Totals.GeneratorBound, run.Totals.Why = true, "a request was sent 1.2s late while the generator used 196 % of 2 CPUs"
	run.Totals.MaxLag = 1200 * time.Millisecond
	run.Cost, run.Costs = nil, record.Costs{}
	run.Relay[1].Confirmed, run.Relay[1].Unaccounted = 12, 7
	for i := range run.Requests {
		run.Requests[i].Copies = nil
	}
	return run
}

func TestTextIsAsBefore(t *testing.T) {
	golden(t, "good.txt", func(w io.Writer) error { return Text(w, synthetic(2000, 10, 1)) })
	golden(t, "bad.txt", func(w io.Writer) error { return Text(w, bad()) })
	golden(t, "empty.txt", func(w io.Writer) error { return Text(w, &record.Run{}) })
}

// turns are three runs that are the same, taken in turns with those of the other side.
func turns(run *record.Run, side int) (all []*record.Run) {
	for i := range 3 {
		again := *run
		again.Meta.Started = run.Meta.Started.Add(time.Duration(2*i+side) * time.Minute)
		all = append(all, &again)
	}
	return all
}

func TestCompareIsAsBefore(t *testing.T) {
	slow := synthetic(2000, 10, 3)
	slow.Meta.Settings["delay"] = "none"
	slow.Meta.Settings["new"] = ""
	golden(t, "compare.txt", func(w io.Writer) error { return Compare(w, turns(synthetic(2000, 10, 1), 0), turns(slow, 1)) })
	golden(t, "compare-bad.txt", func(w io.Writer) error { return Compare(w, []*record.Run{synthetic(60, 4, 1)}, []*record.Run{bad()}) })
}

func TestJSONIsAsBefore(t *testing.T) {
	golden(t, "good.json", func(w io.Writer) error { return JSON(w, synthetic(2000, 10, 1)) })
	golden(t, "bad.json", func(w io.Writer) error { return JSON(w, bad()) })
	// Its lists are empty, not null.
	golden(t, "empty.json", func(w io.Writer) error { return JSON(w, &record.Run{}) })
}
