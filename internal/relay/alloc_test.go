//go:build !pooldebug

// With pooldebug a lock notes who holds it.

package relay

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A flood of findings costs no memory once its line is written.
func TestFindingsThatAreNotLoggedAllocateNothing(t *testing.T) {
	var out bytes.Buffer
	n := notesTo(&out)
	n.interval = time.Hour
	f := &pipeline.Finding{Reason: wire.BadSubject, Targets: 50_000, Target: []byte("m.node.web 2"), Sender: []byte("x")}
	say := func() { n.skipped(f); n.rejected(f); n.failed(pipeline.Refused, wire.TooLarge, 3) }
	say()
	if allocs := testing.AllocsPerRun(100, say); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// One request to 50,000 nodes may have as many denied copies.
func TestADeniedCopyCostsNoText(t *testing.T) {
	p := path{notes: &notes{log: slog.New(slog.DiscardHandler), interval: time.Hour}}
	p.denied("mcollective.node.web1.example.net")
	if n := testing.AllocsPerRun(100, func() { p.denied("mcollective.node.web2.example.net") }); n > 1 {
		t.Errorf("%v allocations a copy", n)
	}
}

// An edge keeps its memory from bundle to bundle.
func TestABundleOfRequestsAllocatesNothing(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		q := edgeStation(asJSON).router.(*edgeRouter)
		message := []byte(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"m.reply.c.1","mc_sender":"c",` +
			`"seen-by":[["a","b","c"]],"federation":{"req":"4f","target":["m.node.a","m.node.b"]}}}`)
		var env wire.Envelope
		targets, reason := wire.Scan(message, wire.Limits{Depth: 16, Hops: 16, Targets: 10, Parts: 256}, &env, nil)
		if reason != wire.OK {
			t.Fatal(reason)
		}
		m := &pipeline.Bundled{Message: message, Envelope: &env, Text: message, Subjects: targets}
		all := []*pipeline.Bundled{m, m, m}
		var dst []byte
		pack := func() {
			for left := all; len(left) > 0; {
				n := 0
				dst, n = q.AppendBundle(dst[:0], left)
				left = left[n:]
			}
			if !asJSON && !q.Together(m, m) {
				t.Error("not together")
			}
		}
		pack()
		if n := testing.AllocsPerRun(100, pack); n != 0 {
			t.Errorf("JSON %v: %v allocations", asJSON, n)
		}
	}
}
