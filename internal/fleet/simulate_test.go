package fleet

import (
	"context"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/toy"
)

func TestNodesAnswerAfterTheirDelay(t *testing.T) {
	const delay = 30 * time.Millisecond
	w := build(t, setup{clusters: []string{"london"}, each: 100, behaviour: Behaviour{Delay: must(ParseDelay("30ms"))}})
	for _, targets := range []*Targets{w.roster.Directed(nil), w.roster.Broadcast(nil)} {
		r, err := w.client.Ask(context.Background(), targets)
		if err != nil || !r.Complete() || r.First < delay || !w.ledger.Totals().Clean() {
			t.Fatalf("%+v %v", r, err)
		}
	}
}

func TestSilentNodesAreThoseOfTheDice(t *testing.T) {
	b := Behaviour{Loss: 0.3, Seed: 4}
	w := build(t, setup{clusters: []string{"london"}, each: 200, behaviour: b})
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan Result, 1)
	go func() {
		r, _ := w.client.Ask(ctx, w.roster.Directed(nil))
		got <- r
	}()
	stats := func() NodeStats { return w.nodes[0].Stats() }
	w.settled(t, func(t Totals) bool { s := stats(); return s.Silent+t.Replies == 200 })
	cancel()
	r := <-got
	if n := len(r.Missing); n < 40 || n > 80 || stats().Arrived != 200 {
		t.Fatalf("%d missing, %+v", n, stats())
	}
	dice := b.Dice(r.ID)
	for _, node := range r.Missing {
		if !dice.Silent(node) {
			t.Errorf("node %d should have answered", node)
		}
	}
}

func TestNodesDescribeThemselves(t *testing.T) {
	url := toy.Server(t)
	if d, err := Describe(url); err == nil {
		t.Fatalf("nobody is %+v", d)
	}
	want := Description{Site: "london", Nodes: 3, Version: V2, Collective: "choria", ReplyBytes: 9, Behaviour: Behaviour{Loss: 0.5}}
	stop := must(Announce(url, want))
	got, err := Describe(url)
	stop()
	if err != nil || got != want || must(got.Roster()).Len() != 3 {
		t.Fatalf("%+v %v", got, err)
	}
}
