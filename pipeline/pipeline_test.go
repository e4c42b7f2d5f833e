package pipeline_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// targetRouter sends the data of each message to all its targets.
type targetRouter struct{}

func (targetRouter) Route(r *pipeline.Route) wire.Reason {
	if len(r.Targets) == 0 {
		return wire.NoTargets
	}
	r.Subjects = append(r.Subjects, r.Targets...)
	return wire.OK
}

func (targetRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	return append(dst, r.Envelope.Data.Of(r.Message)...), wire.OK
}

func TestEveryTargetGetsTheSamePayloadInOrder(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		r := newRig(1, targetRouter{}, bring(
			[]string{request("a", 1, "c.node.x", "c.node.y"), request("b", 2, "c.node.z")},
			[]string{request("a", 3, "c.node.x", "c.node.x")}))
		s := r.runAll(t)
		want := []copied{{"c.node.x", `"1"`}, {"c.node.y", `"1"`}, {"c.node.z", `"2"`}, {"c.node.x", `"3"`}, {"c.node.x", `"3"`}}
		if d := cmp.Diff(want, r.all(), cmp.AllowUnexported(copied{})); d != "" {
			t.Error(d)
		}
		if s.Received != 3 || s.Accepted != 3 || s.Fate(pipeline.Confirmed) != 5 {
			t.Error(s.String())
		}
	})
}

func TestEqualKeysStayInOrderOnEveryNumberOfLanes(t *testing.T) {
	const clients, rounds = 7, 400
	var batches [][]string
	for i := range rounds {
		var batch []string
		for c := range clients {
			name := "client" + strconv.Itoa(c)
			batch = append(batch, request(name, i, "c.node."+name))
		}
		batches = append(batches, batch)
	}
	for _, lanes := range []int{1, 2, 5} {
		bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
			r := newRig(lanes, targetRouter{}, bring(batches...))
			r.runAll(t)
			next := map[string]int{}
			used := 0
			for _, p := range r.publishers {
				used += min(1, len(p.seen))
				for _, c := range p.seen {
					if want := fmt.Sprintf(`"%d"`, next[c.subject]); c.payload != want {
						t.Fatalf("%d lanes: %s got %s, want %s", lanes, c.subject, c.payload, want)
					}
					next[c.subject]++
				}
			}
			if len(next) != clients || used < min(lanes, 2) {
				t.Errorf("%d clients on %d of %d lanes", len(next), used, lanes)
			}
		})
	}
}

func TestRejectedMessagesAreCountedOnceAndReported(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		told := map[wire.Reason]int{}
		r := newRig(2, targetRouter{}, bring([]string{
			"hello", request("a", 1), request("a", 2, "c.node.x"), `{"protocol":"nobody's"}`,
		}))
		r.OnRejected = func(f *pipeline.Finding) { told[f.Reason]++ }
		s := r.runAll(t)
		want := map[wire.Reason]int{wire.Malformed: 1, wire.NoTargets: 1, wire.BadVersion: 1}
		if d := cmp.Diff(want, told); d != "" {
			t.Error(d)
		}
		for reason, n := range want {
			if s.Rejected[reason] != int64(n) {
				t.Errorf("%s: %d", reason, s.Rejected[reason])
			}
		}
		if len(r.all()) != 1 || s.RejectedTotal() != 3 || s.Accepted != 1 {
			t.Error(s.String())
		}
	})
}

func TestABatchOfNothingButRejectedMessagesReachesNoPublisher(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		r := newRig(1, targetRouter{}, bring([]string{"hello"}, []string{request("a", 1)}))
		r.publishers[0].called = func(*pipeline.Egress) { t.Error("called") }
		r.runAll(t)
	})
}

func TestBatchesWithoutMessagesPass(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		r := newRig(1, targetRouter{}, bring(nil, []string{request("a", 1, "c.node.x")}, nil))
		r.runAll(t)
		if n := len(r.all()); n != 1 {
			t.Errorf("%d copies", n)
		}
	})
}

// skipRouter skips the first target of each message.
type skipRouter struct{ targetRouter }

func (skipRouter) Route(r *pipeline.Route) wire.Reason {
	r.Skip(0, 1, wire.Wildcard)
	r.Subjects = append(r.Subjects, r.Targets[1:]...)
	return wire.OK
}

// lastRouter skips all but the last target of each message, and that one if it is bad.
type lastRouter struct{ targetRouter }

func (lastRouter) Route(r *pipeline.Route) wire.Reason {
	last := len(r.Targets) - 1
	for i := range last {
		r.Skip(i, 1, []wire.Reason{wire.Wildcard, wire.Loop}[i%2])
	}
	if string(r.Targets[last].Of(r.Message)) == "c.node.bad" {
		r.Skip(last, 1, wire.BadSubject)
		return wire.OK
	}
	r.Subjects = append(r.Subjects, r.Targets[last])
	return wire.OK
}

func TestSkippedTargetsAreCopiesWithAFateOfTheirOwn(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		r := newRig(1, lastRouter{}, bring([]string{
			request("a", 1, "c.x", "c.y", "c.z", "c.node.v"),
			request("b", 1, "c.node.bad"),
			request("a", 1, "c.x", "c.node.w"),
		}))
		var told []string
		r.OnSkipped = func(f *pipeline.Finding) {
			told = append(told, fmt.Sprintf("%s: %d, the first is %s at %d", f.Reason, f.Targets, f.Target, f.Position))
		}
		r.OnRejected = func(f *pipeline.Finding) { t.Error(f.Reason, "for a whole message") }
		s := r.runAll(t)
		want := []string{
			"wildcard: 2, the first is c.x at 1", "loop: 1, the first is c.y at 2",
			"bad_subject: 1, the first is c.node.bad at 1",
			"wildcard: 1, the first is c.x at 1",
		}
		if d := cmp.Diff(want, told); d != "" {
			t.Error(d)
		}
		if s.Copies != 7 || s.Accepted != 3 || s.Fates[pipeline.Skipped][wire.Wildcard] != 3 || s.Fate(pipeline.Skipped) != 5 || s.Fate(pipeline.Confirmed) != 2 {
			t.Error(s.String())
		}
	})
}
