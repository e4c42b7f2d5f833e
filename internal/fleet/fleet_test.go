package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/toy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a federation server, one collective for each cluster with n nodes each, toy relays and a
// client.
type world struct {
	roster *Roster
	ledger *Ledger
	nodes  []*Nodes
	client *Client
}

type setup struct {
	version  Version
	clusters []string
	each     int
	copies   func(l toy.Leg, n int) int
	reroute  func(l toy.Leg, n int, subject string) string
	timeout  time.Duration
	agent    string

	behaviour Behaviour
}

func build(t testing.TB, s setup) *world {
	t.Helper()
	var names []string
	for _, c := range s.clusters {
		names = append(names, Names(c, s.each)...)
	}
	w := &world{}
	w.roster = must(NewRoster(names))
	w.ledger = NewLedger(w.roster)
	fed := toy.Server(t)
	for i, c := range s.clusters {
		col := toy.Server(t)
		n := must(StartNodes(NodesOptions{
			URL: col, Name: c, Version: s.version, Roster: w.roster, From: i * s.each, To: (i + 1) * s.each,
			Connections: 3, ReplyBytes: 100, Behaviour: s.behaviour, Ledger: w.ledger,
		}))
		t.Cleanup(n.Close)
		w.nodes = append(w.nodes, n)
		(&toy.Relay{Cluster: c, Times: s.copies, Reroute: s.reroute}).Start(t, fed, col)
	}
	w.client = must(Dial(ClientOptions{
		URL: fed, Version: s.version, Clusters: s.clusters, Roster: w.roster, Ledger: w.ledger,
		Timeout: s.timeout, CheckEvery: 1, RequestBytes: 50, Agent: s.agent,
	}))
	t.Cleanup(w.client.Close)
	return w
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// askUntil asks and stops waiting for what will not come, once the ledger says that all else is
// there.
func (w *world) askUntil(t *testing.T, targets *Targets, ok func(Totals) bool) Result {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan Result, 1)
	go func() {
		r, _ := w.client.Ask(ctx, targets)
		got <- r
	}()
	w.settled(t, ok)
	cancel()
	return <-got
}

// settled waits until the ledger says what is expected, and returns it.
func (w *world) settled(t *testing.T, ok func(Totals) bool) Totals {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		got := w.ledger.Totals()
		if ok(got) {
			return got
		}
		select {
		case <-deadline:
			t.Fatalf("ledger stays at %+v", got)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestEveryNodeAnswersOnce(t *testing.T) {
	for _, v := range []Version{V1, V2} {
		for _, broadcast := range []bool{false, true} {
			t.Run(fmt.Sprintf("v%d broadcast=%t", v, broadcast), func(t *testing.T) {
				w := build(t, setup{version: v, clusters: []string{"london", "tokyo"}, each: 230})
				targets := w.roster.Directed(nil)
				if broadcast {
					targets = w.roster.Broadcast(nil)
				}
				for range 3 {
					r, err := w.client.Ask(context.Background(), targets)
					if err != nil || !r.Complete() || r.Replied != 460 || r.Delivered != 460 {
						t.Fatalf("%+v %v", r, err)
					}
					if want := map[bool]int{false: 3 * 2, true: 2}[broadcast]; r.Messages != want {
						t.Fatalf("%d messages, want %d", r.Messages, want)
					}
					if r.First <= 0 || r.First > r.Last || r.P50 > r.P99 {
						t.Fatalf("latencies: %+v", r)
					}
				}
				got := w.ledger.Totals()
				want := Totals{Requests: 3, Targets: 3 * 460, Delivered: 3 * 460, Replies: 3 * 460}
				if got != want || !got.Clean() {
					t.Fatalf("got %+v, want %+v", got, want)
				}
				if n := w.client.Latency().TotalCount(); n != 3*460 {
					t.Fatalf("%d latencies", n)
				}
			})
		}
	}
}

func TestDiscoveryIsAnsweredByPong(t *testing.T) {
	w := build(t, setup{clusters: []string{"london"}, each: 5, agent: discovery})
	r, err := w.client.Ask(context.Background(), w.roster.Broadcast(nil))
	if err != nil || !r.Complete() || r.Corrupt != 0 {
		t.Fatalf("%+v %v", r, err)
	}
}

func TestLedgerShowsLoss(t *testing.T) {
	w := build(t, setup{clusters: []string{"london"}, each: 20,
		copies: func(l toy.Leg, n int) int {
			if (l == toy.Requests && n == 3) || (l == toy.Replies && n == 5) {
				return 0
			}
			return 1
		}})
	r := w.askUntil(t, w.roster.Directed(nil), func(t Totals) bool { return t.Delivered == 19 && t.Replies == 18 })
	if r.Complete() || len(r.Missing) != 2 || r.Replied != 18 || r.Delivered != 19 {
		t.Fatalf("%+v", r)
	}
	got := w.ledger.Totals()
	if got.Lost != 2 || got.Delivered != 19 || got.Replies != 18 || got.InFlight != 0 || got.Clean() {
		t.Fatalf("%+v", got)
	}
}

func TestLedgerShowsDuplicates(t *testing.T) {
	w := build(t, setup{clusters: []string{"london"}, each: 20,
		copies: func(l toy.Leg, n int) int {
			if (l == toy.Requests && n == 3) || (l == toy.Replies && n == 19) {
				return 2
			}
			return 1
		}})
	if _, err := w.client.Ask(context.Background(), w.roster.Directed(nil)); err != nil {
		t.Fatal(err)
	}
	// The doubled copy made its node answer twice, and one reply was doubled on its way.
	got := w.settled(t, func(t Totals) bool { return t.DuplicateReplies == 2 })
	if got.DuplicateCopies != 1 || got.Lost != 0 || got.Duplicates() != 3 || got.Replies != 20 {
		t.Fatalf("%+v", got)
	}
	if err := w.client.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestLedgerShowsMisdelivery(t *testing.T) {
	w := build(t, setup{clusters: []string{"london"}, each: 20,
		reroute: func(_ toy.Leg, _ int, subject string) string {
			return strings.Replace(subject, "node00002", "node00020", 1)
		}})
	r := w.askUntil(t, w.roster.Directed([]int{0, 1, 2}), func(t Totals) bool { return t.Replies == 2 && t.Foreign == 1 })
	if len(r.Missing) != 1 || r.Missing[0] != 1 {
		t.Fatalf("%+v", r)
	}
	if got := w.ledger.Totals(); got.Misdelivered != 1 || got.Lost != 1 || got.Foreign != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestLateRepliesAreNotLost(t *testing.T) {
	gate := make(chan struct{})
	w := build(t, setup{clusters: []string{"london"}, each: 3, timeout: 50 * time.Millisecond,
		copies: func(l toy.Leg, n int) int {
			if l == toy.Replies && n == 1 {
				<-gate
			}
			return 1
		}})
	if _, err := w.client.Ask(context.Background(), w.roster.Directed(nil)); err != nil {
		t.Fatal(err)
	}
	w.settled(t, func(t Totals) bool { return t.Lost == 2 })
	close(gate)
	got := w.settled(t, func(t Totals) bool { return t.Replies == 3 })
	if got.Lost != 0 || !got.Clean() {
		t.Fatalf("%+v", got)
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	w := build(t, setup{clusters: []string{"london"}, each: 3, copies: func(toy.Leg, int) int { return 0 }})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := w.client.Ask(ctx, w.roster.Directed(nil))
	if !errors.Is(err, context.Canceled) || len(r.Missing) != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	if got := w.ledger.Totals(); got.Lost != 3 || got.InFlight != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestNodesRefuseTheOtherVersion(t *testing.T) {
	w := build(t, setup{version: V1, clusters: []string{"london"}, each: 3, timeout: 100 * time.Millisecond})
	w.client.writer.dialect = v2{}
	r, err := w.client.Ask(context.Background(), w.roster.Directed(nil))
	if err != nil || r.Replied != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	deadline := time.After(10 * time.Second)
	for w.nodes[0].Stats().Refused != 3 {
		select {
		case <-deadline:
			t.Fatalf("%+v", w.nodes[0].Stats())
		case <-time.After(time.Millisecond):
		}
	}
}
