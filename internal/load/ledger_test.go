package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/toy"
)

func TestNothingIsWrongWithAnHonestRelay(t *testing.T) {
	for _, v := range []fleet.Version{fleet.V1, fleet.V2} {
		for _, broadcast := range []bool{false, true} {
			t.Run(fmt.Sprintf("v%d broadcast=%t", v, broadcast), func(t *testing.T) {
				w := build(t, 230, Options{Version: v, Broadcast: broadcast, Plan: Plan{Rate: 100, Requests: 4}}, &toy.Relay{})
				run, err := w.gen.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				only(t, run, record.Totals{Requests: 4, Targets: 920, Delivered: 920, Replies: 920})
				messages := map[bool]int64{false: 4 * 2, true: 4}[broadcast]
				if c := w.gen.Counts(); c.Messages != messages || c.Copies != 920 || c.Replies != 920 || c.Strays != 0 {
					t.Errorf("%+v", c)
				}
				for i, r := range run.Requests {
					if r.Planned != time.Duration(i)*10*time.Millisecond || r.Sent < r.Planned || r.Targets != nil || r.Marks != nil {
						t.Errorf("request %d: planned %s, sent %s, targets %v", i, r.Planned, r.Sent, r.Targets)
					}
					for n := range r.Replies {
						if r.Copies[n] == 0 || r.Copies[n] > r.Replies[n] {
							t.Fatalf("node %d has its copy after %d us and replied after %d", n, r.Copies[n], r.Replies[n])
						}
					}
				}
			})
		}
	}
}

func TestLostCopiesAndRepliesAreLost(t *testing.T) {
	w := build(t, 20, Options{}, &toy.Relay{Times: func(l toy.Leg, n int) int {
		if l == toy.Requests && n == 3 || l == toy.Replies && (n == 5 || n == 6) {
			return 0
		}
		return 1
	}})
	run := w.run(t, 19, 17)
	only(t, run, record.Totals{Requests: 1, Targets: 20, Delivered: 19, Replies: 17, Lost: 3})
	if r := run.Requests[0]; r.Copies[3] != 0 || cellsOf(r.Copies) != 19 || r.Replies[3] != 0 || cellsOf(r.Replies) != 17 {
		t.Errorf("%+v", r)
	}
}

func TestSecondCopiesAndRepliesAreDuplicates(t *testing.T) {
	w := build(t, 20, Options{}, &toy.Relay{Times: func(l toy.Leg, n int) int {
		if l == toy.Requests && n == 3 || l == toy.Replies && n == 20 {
			return 2
		}
		return 1
	}})
	// The doubled copy makes its node reply twice, and the last reply is doubled on its way.
	run := w.run(t, 21, 22)
	only(t, run, record.Totals{Requests: 1, Targets: 20, Delivered: 20, Replies: 20, Duplicates: 3})
	if nodes := marks(run, record.Duplicated); len(nodes) != 3 || !slices.Contains(nodes, 3) {
		t.Errorf("duplicates at %v", nodes)
	}
}

func TestCopiesAndRepliesOfTheWrongNodeAreMisdelivered(t *testing.T) {
	w := build(t, 20, Options{Targets: 3}, &toy.Relay{Reroute: func(l toy.Leg, n int, subject string) string {
		return strings.Replace(subject, "node00002", "node00020", 1)
	}})
	run := w.run(t, 3, 3)
	only(t, run, record.Totals{Requests: 1, Targets: 3, Delivered: 2, Replies: 2, Lost: 1, Misdelivered: 2})
	if nodes := marks(run, record.Misdelivered); !slices.Equal(nodes, []uint32{19, 19}) {
		t.Errorf("misdelivered at %v", nodes)
	}
	if r := run.Requests[0]; !slices.Equal(r.Targets, []uint32{0, 1, 2}) || r.Copies[1] != 0 || r.Replies[1] != 0 {
		t.Errorf("%+v", r)
	}
}

func TestACopyThatGoesToAnotherTargetIsADuplicateThere(t *testing.T) {
	w := build(t, 20, Options{}, &toy.Relay{Reroute: func(l toy.Leg, n int, subject string) string {
		return strings.Replace(subject, "node00002", "node00020", 1)
	}})
	run := w.run(t, 20, 20)
	only(t, run, record.Totals{Requests: 1, Targets: 20, Delivered: 19, Replies: 19, Lost: 1, Duplicates: 2})
}

func TestAReplyToAnotherRequestIsAStray(t *testing.T) {
	w := build(t, 5, Options{}, &toy.Relay{Reroute: func(l toy.Leg, n int, subject string) string {
		if l == toy.Replies && n == 2 {
			return subject + "x"
		}
		return subject
	}})
	run := w.run(t, 5, 5)
	only(t, run, record.Totals{Requests: 1, Targets: 5, Delivered: 5, Replies: 4, Lost: 1})
	if c := w.gen.Counts(); c.Strays != 1 || c.Replies != 4 {
		t.Errorf("%+v", c)
	}
}

func TestRepliesAfterTheDeadlineAreLateAndLost(t *testing.T) {
	gate := make(chan struct{})
	w := build(t, 10, Options{Timeout: 2 * time.Second}, &toy.Relay{
		Hold: func(l toy.Leg, n int) {
			if l == toy.Replies && n == 7 {
				<-gate
			}
		},
		Times: func(l toy.Leg, n int) int {
			if l == toy.Replies && n == 8 {
				return 2 // a late one twice: late once, then a duplicate
			}
			return 1
		},
	})
	if err := w.gen.Ask(context.Background()); err != nil { // until the timeout
		t.Fatal(err)
	}
	close(gate)
	w.arrived(t, 10, 11)
	run := w.record(t)
	only(t, run, record.Totals{Requests: 1, Targets: 10, Delivered: 10, Replies: 7, Lost: 3, Late: 3, Duplicates: 1})
	if len(marks(run, record.Late)) != 3 || cellsOf(run.Requests[0].Replies) != 7 || run.Meta.Elapsed < 2*time.Second {
		t.Errorf("%+v", run.Requests[0])
	}
}

func TestSilenceOnPurposeIsNoLoss(t *testing.T) {
	b := fleet.Behaviour{Loss: 0.25, Seed: 9}
	w := build(t, 200, Options{Behaviour: b, Seed: 9, Plan: Plan{Rate: 100, Requests: 3}}, &toy.Relay{Times: func(l toy.Leg, n int) int {
		if l == toy.Replies && n == 0 {
			return 0
		}
		return 1
	}})
	roll := fleet.NewIDs(fleet.V1, 9)
	silent := int64(0)
	for range 3 {
		d := b.Dice(roll.Next())
		for node := range 200 {
			if d.Silent(node) {
				silent++
			}
		}
	}
	run := w.run(t, 600, 600-silent-1)
	only(t, run, record.Totals{Requests: 3, Targets: 600, Delivered: 600, Replies: 600 - silent - 1, Lost: 1, Silent: silent})
	if n := len(marks(run, record.Silent)); int64(n) != silent || silent < 100 || silent > 200 {
		t.Errorf("%d silent, %d marked", silent, n)
	}
}

func TestNodesElsewhereShowRepliesOnly(t *testing.T) {
	w := build(t, 20, Options{Elsewhere: true}, &toy.Relay{Times: func(l toy.Leg, n int) int {
		if l == toy.Replies && n == 4 {
			return 2
		}
		return 1
	}})
	run := w.run(t, 0, 21)
	only(t, run, record.Totals{Requests: 1, Targets: 20, Delivered: 20, Replies: 20, Duplicates: 1})
	if run.Requests[0].Copies != nil || run.Meta.InProcess {
		t.Errorf("%+v", run.Requests[0])
	}
}
