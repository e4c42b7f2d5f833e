package load

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/toy"
)

func TestRequestsTakeTurnsAmongNodes(t *testing.T) {
	w := build(t, 10, Options{Targets: 4, Group: 3, Plan: Plan{ClosedLoop: true, Requests: 5}}, &toy.Relay{})
	run, err := w.gen.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	only(t, run, record.Totals{Requests: 5, Targets: 20, Delivered: 20, Replies: 20})
	if c := w.gen.Counts(); c.Messages != 10 {
		t.Errorf("%+v", c)
	}
	want := [][]uint32{{0, 1, 2, 3}, {4, 5, 6, 7}, {0, 1, 8, 9}, {2, 3, 4, 5}, {6, 7, 8, 9}}
	for i, r := range run.Requests {
		if !slices.Equal(r.Targets, want[i]) {
			t.Errorf("request %d: %v, want %v", i, r.Targets, want[i])
		}
	}
}

// In a closed loop a slow relay is asked less often; with a rate its slowness shows in every
// latency.
func TestLatencyCountsFromThePlan(t *testing.T) {
	slow := func() *toy.Relay {
		return &toy.Relay{Hold: func(l toy.Leg, n int) {
			if l == toy.Replies {
				<-time.After(10 * time.Millisecond)
			}
		}}
	}
	for name, c := range map[string]struct {
		plan Plan
		// The last of 20 requests waits behind 19 others, or behind none.
		least time.Duration
	}{
		"rate":        {Plan{Rate: 1000, Requests: 20}, 20*10*time.Millisecond - 19*time.Millisecond},
		"burst":       {Plan{Burst: true, Requests: 20}, 20 * 10 * time.Millisecond},
		"closed loop": {Plan{ClosedLoop: true, Requests: 20}, 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			w := build(t, 1, Options{Plan: c.plan}, slow())
			run, err := w.gen.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			last := run.Requests[19]
			if got := time.Duration(last.Replies[0]) * time.Microsecond; got < c.least*9/10 {
				t.Errorf("last reply after %s, want at least %s", got, c.least)
			}
			if c.plan.ClosedLoop && last.Planned < 150*time.Millisecond {
				t.Errorf("planned at %s", last.Planned)
			}
			if v := w.gen.Live(); v.Replies != 20 || v.Targets != 20 || v.Open != 0 || v.P50 > v.P99 || v.P99 > v.Slowest {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestAnInterruptedRunIsARun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	seen := atomic.Int64{}
	w := build(t, 5, Options{Plan: Plan{Rate: 200, Duration: time.Hour}}, &toy.Relay{Hold: func(toy.Leg, int) {
		if seen.Add(1) == 30 {
			cancel()
		}
	}})
	run, err := w.gen.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got := run.Totals
	if got.Requests < 3 || got.Targets != 5*got.Requests || got.Replies+got.Lost != got.Targets || run.Meta.Elapsed > time.Minute {
		t.Errorf("%+v after %s", got, run.Meta.Elapsed)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	r := must(fleet.NewRoster(fleet.Names("london", 5)))
	plan := Plan{Rate: 1, Requests: 1}
	for _, o := range []Options{
		{}, {Plan: plan, Targets: 6}, {Plan: plan, Targets: -1}, {Plan: plan, Broadcast: true, Targets: 3}, {Plan: plan, Group: -1},
		{Plan: plan, Timeout: 2 * time.Hour}, {Plan: plan, Behaviour: fleet.Behaviour{Loss: 2}},
	} {
		o.Roster = r
		if g, err := New(o); err == nil {
			g.Close()
			t.Errorf("%+v was accepted", o)
		}
	}
	if _, err := New(Options{Fed: "nats://127.0.0.1:1", Roster: r, Plan: plan}); err == nil {
		t.Error("connected to nobody")
	}
}

// Arrivals must cost nothing that the relay could be blamed for.
func TestArrivalsDoNotAllocate(t *testing.T) {
	w := build(t, 1000, Options{Elsewhere: true, CheckEvery: 1 << 40}, &toy.Relay{})
	g := w.gen
	g.opts.Elsewhere = false
	s := &sender{Generator: g}
	r := s.prepare(0, 0)
	s.register(r)
	raw := []byte(`{"data":"","headers":{"mc_sender":"node00001.london.example.net"}}`)
	m := &nats.Msg{Subject: g.writer.ReplyPrefix() + r.id, Data: raw}
	g.senders = fleet.NewSenders(fleet.ClientOptions{Roster: g.opts.Roster, CheckEvery: 1 << 40})
	g.receive(m) // the one that is checked
	node := 1
	if n := testing.AllocsPerRun(500, func() {
		r.Deliver(node, node+1)
		r.reply(node)
		node++
	}); n != 0 {
		t.Errorf("%g allocations for a copy and a reply", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		r.replies[0].Store(0)
		g.receive(m)
	}); n != 0 {
		t.Errorf("%g allocations to receive a reply", n)
	}
}

func BenchmarkReceive(b *testing.B) {
	w := build(b, 1000, Options{}, &toy.Relay{})
	s := &sender{Generator: w.gen}
	r := s.prepare(0, 0)
	s.register(r)
	w.gen.senders = fleet.NewSenders(fleet.ClientOptions{Roster: w.gen.opts.Roster, CheckEvery: 1 << 40})
	raw := append([]byte(`{"protocol":"choria:transport:1","data":"`), make([]byte, 1800)...)
	raw = append(raw, `","headers":{"mc_sender":"node00500.london.example.net"}}`...)
	m := &nats.Msg{Subject: w.gen.writer.ReplyPrefix() + r.id, Data: raw}
	b.ReportAllocs()
	for b.Loop() {
		r.replies[499].Store(0)
		w.gen.receive(m)
	}
}
