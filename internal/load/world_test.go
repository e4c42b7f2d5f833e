package load

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/toy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is two servers, a toy relay, nodes and a generator.
type world struct {
	gen   *Generator
	nodes *fleet.Nodes
}

func build(t testing.TB, nodes int, o Options, relay *toy.Relay) *world {
	t.Helper()
	roster := must(fleet.NewRoster(fleet.Names("london", nodes)))
	fed, col := toy.Server(t), toy.Server(t)
	o.Fed, o.Roster, o.Cluster, o.CheckEvery = fed, roster, "london", 1
	if o.Plan == (Plan{}) {
		o.Plan = Plan{Burst: true, Requests: 1}
	}
	w := &world{gen: must(New(o))}
	t.Cleanup(w.gen.Close)
	no := fleet.NodesOptions{
		URL: col, Roster: roster, Version: o.Version, Connections: 3, ReplyBytes: 100, Behaviour: o.Behaviour, Ledger: w.gen,
	}
	if o.Elsewhere {
		no.Ledger = nil
	}
	w.nodes = must(fleet.StartNodes(no))
	t.Cleanup(w.nodes.Close)
	relay.Start(t, fed, col)
	return w
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// run runs until everything that the counts foresee has arrived; waiting for what has been lost
// would be waiting for the timeout.
func (w *world) run(t *testing.T, copies, replies int64) *record.Run {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.gen.Ask(ctx) }()
	w.arrived(t, copies, replies)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return w.record(t)
}

func (w *world) arrived(t *testing.T, copies, replies int64) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		c := w.gen.Counts()
		if c.Copies >= copies && c.Replies+c.Strays >= replies {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("no more than %+v arrives, want %d copies and %d replies", c, copies, replies)
		case <-time.After(time.Millisecond):
		}
	}
}

// record settles first, to see what should not arrive.
func (w *world) record(t *testing.T) *record.Run {
	t.Helper()
	if err := w.gen.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	run := w.gen.Record()
	if c := w.gen.Counts(); c.Corrupt != 0 || c.Checked == 0 && c.Replies > 0 {
		t.Errorf("%+v", c)
	}
	if n := w.nodes.Stats(); n.Refused+n.Failed+n.Dropped+n.Errors != 0 {
		t.Errorf("nodes: %+v", n)
	}
	return run
}

// only compares all that a ledger counts; times differ from run to run.
func only(t *testing.T, run *record.Run, want record.Totals) {
	t.Helper()
	got := run.Totals
	got.GeneratorBound, got.Why, got.MaxLag = false, "", 0
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func marks(run *record.Run, what record.What) (nodes []uint32) {
	for _, r := range run.Requests {
		for _, m := range r.Marks {
			if m.What == what {
				nodes = append(nodes, m.Node)
			}
		}
	}
	return nodes
}

func cellsOf(column []uint32) (filled int) {
	for _, v := range column {
		if v != 0 {
			filled++
		}
	}
	return filled
}
