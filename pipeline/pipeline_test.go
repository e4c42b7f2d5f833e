package pipeline_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryTargetGetsTheSamePayloadInOrder(t *testing.T) {
	r := newRig(1, targetRouter{},
		[]string{request("a", 1, "c.node.x", "c.node.y"), request("b", 2, "c.node.z")},
		[]string{request("a", 3, "c.node.x", "c.node.x")})
	close(r.source.batches)
	r.Run(t.Context())
	want := []copied{{"c.node.x", `"1"`}, {"c.node.y", `"1"`}, {"c.node.z", `"2"`}, {"c.node.x", `"3"`}, {"c.node.x", `"3"`}}
	if d := cmp.Diff(want, r.all(), cmp.AllowUnexported(copied{})); d != "" {
		t.Error(d)
	}
	if s := r.check(t); s.Received != 3 || s.Accepted != 3 || s.Fate(pipeline.Confirmed) != 5 {
		t.Error(s.String())
	}
}

func TestEqualKeysStayInOrderOnEveryNumberOfLanes(t *testing.T) {
	const clients, rounds = 7, 400
	for _, lanes := range []int{1, 2, 5} {
		t.Run(strconv.Itoa(lanes), func(t *testing.T) {
			var batches [][]string
			for i := range rounds {
				var batch []string
				for c := range clients {
					name := "client" + strconv.Itoa(c)
					batch = append(batch, request(name, i, "c.node."+name))
				}
				batches = append(batches, batch)
			}
			r := newRig(lanes, targetRouter{}, batches...)
			close(r.source.batches)
			r.Run(t.Context())
			next := map[string]int{}
			used := 0
			for _, p := range r.publishers {
				used += min(1, len(p.seen))
				for _, c := range p.seen {
					if want := fmt.Sprintf(`"%d"`, next[c.subject]); c.payload != want {
						t.Fatalf("%s got %s, want %s", c.subject, c.payload, want)
					}
					next[c.subject]++
				}
			}
			if len(next) != clients || used < min(lanes, 2) {
				t.Errorf("%d clients on %d lanes", len(next), used)
			}
			r.check(t)
		})
	}
}

func TestRefusedMessagesAreCountedOnceAndTold(t *testing.T) {
	told := map[wire.Reason]int{}
	r := newRig(2, targetRouter{}, []string{
		"hello", request("a", 1), request("a", 2, "c.node.x"), `{"protocol":"nobody's"}`,
	})
	r.Refused = func(reason wire.Reason) { told[reason]++ }
	close(r.source.batches)
	r.Run(t.Context())
	want := map[wire.Reason]int{wire.Malformed: 1, wire.NoTargets: 1, wire.BadVersion: 1}
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
	s := r.check(t)
	for reason, n := range want {
		if s.Rejected[reason] != int64(n) {
			t.Errorf("%s: %d", reason, s.Rejected[reason])
		}
	}
	if len(r.all()) != 1 || s.RejectedTotal() != 3 || s.Accepted != 1 {
		t.Error(s.String())
	}
}

func TestABatchOfNothingButRefusalsReachesNoPublisher(t *testing.T) {
	r := newRig(1, targetRouter{}, []string{"hello"}, []string{request("a", 1)})
	r.publishers[0].gate = make(chan struct{}) // never opened
	close(r.source.batches)
	r.Run(t.Context())
	r.check(t)
}

// skipRouter skips the first target of each message.
type skipRouter struct{}

func (skipRouter) Route(r *pipeline.Route) wire.Reason {
	r.Refused = append(r.Refused, wire.Wildcard)
	r.Subjects = append(r.Subjects, r.Targets[1:]...)
	r.Out = append(r.Out, 'x')
	return wire.OK
}

func TestSkippedTargetsAreRefusedCopies(t *testing.T) {
	r := newRig(1, skipRouter{}, []string{request("a", 1, "c.node.x", "c.node.y"), request("a", 1, "c.node.x", "c.node.y")})
	close(r.source.batches)
	r.Run(t.Context())
	s := r.check(t)
	if s.Copies != 4 || s.Fates[pipeline.Refused][wire.Wildcard] != 2 || s.Fate(pipeline.Confirmed) != 2 {
		t.Error(s.String())
	}
}

func TestNormalizeTakesWhatOnlyThePeerTakes(t *testing.T) {
	loud := strings.ReplaceAll(request("a", 1, "c.node.x"), `"headers"`, `"HEADERS"`)
	loud = strings.ReplaceAll(loud, `"data":"1"`, `"data":"aGk="`)
	quiet := request("b", 2, "c.node.y")
	for _, normalize := range []bool{false, true} {
		r := newRig(1, targetRouter{}, []string{loud, quiet, "hello"})
		r.Normalize = normalize
		close(r.source.batches)
		r.Run(t.Context())
		want := []copied{{"c.node.y", `"2"`}}
		if normalize {
			want = append([]copied{{"c.node.x", `"aGk="`}}, want...)
		}
		if d := cmp.Diff(want, r.all(), cmp.AllowUnexported(copied{})); d != "" {
			t.Errorf("normalize %v: %s", normalize, d)
		}
		r.check(t)
	}
}

func TestAFullLineBlocksTheSourceAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const batches = 100
		r := newRig(1, targetRouter{})
		r.source.batches = make(chan []string)
		gate := make(chan struct{})
		r.publishers[0].gate = gate
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Run(t.Context())
		}()
		sent := make(chan int, 1)
		go func() {
			for i := range batches {
				r.source.batches <- []string{request("a", i, "c.node.x")}
				select {
				case <-sent:
				default:
				}
				sent <- i + 1
			}
			close(r.source.batches)
		}()
		synctest.Wait()
		// Receive, decode, its distributor, fan-out and publish hold one each; the four channels hold Depth.
		if n := <-sent; n >= 20 {
			t.Errorf("%d batches went in though none came out", n)
		}
		close(gate)
		<-done
		if len(r.all()) != batches {
			t.Errorf("%d of %d copies", len(r.all()), batches)
		}
		r.check(t)
	})
}

func TestTheContextEndsReceivingButNotWhatWasReceived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(1, targetRouter{}, []string{request("a", 1, "c.node.x")}, []string{request("a", 2, "c.node.x")})
		gate := make(chan struct{})
		r.publishers[0].gate = gate
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Run(ctx)
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(gate)
		<-done
		if len(r.all()) != 2 {
			t.Errorf("%d copies", len(r.all()))
		}
		r.check(t)
	})
}
