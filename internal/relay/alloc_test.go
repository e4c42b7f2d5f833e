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
