package pipeline_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A markingRouter writes its mark into each payload, and notices if two goroutines ask it at once.
type markingRouter struct {
	targetRouter
	mark string
	most int         // targets, as by the limits of the same rules
	busy *sync.Mutex // of all routers of a pipeline
}

func (q markingRouter) Route(r *pipeline.Route) wire.Reason {
	if !q.busy.TryLock() {
		panic("two messages are routed at once")
	}
	defer q.busy.Unlock()
	if len(r.Targets) > q.most {
		return wire.Loop // decoded by other limits
	}
	return q.targetRouter.Route(r)
}

func (q markingRouter) Append(dst []byte, _ *pipeline.Route) ([]byte, wire.Reason) {
	return append(dst, q.mark...), wire.OK
}

// Rules may be replaced at any time. What has come keeps those of its time, from decode to Append,
// and nothing is lost or doubled.
func TestABatchIsCarriedByTheRulesOfItsTime(t *testing.T) {
	const batches = 400
	var busy sync.Mutex
	ruled := func(i int) pipeline.Rules {
		return pipeline.Rules{
			Router: markingRouter{mark: fmt.Sprint("by ", i), most: 1 + i%2, busy: &busy},
			// Odd rules take two targets, even ones one.
			Limits: wire.Limits{Depth: 16, Hops: 16, Targets: 1 + i%2},
		}
	}
	for _, more := range []bool{false, true} {
		r := newRig(2, nil, nil)
		r.SetRules(ruled(0))
		r.source.batches = make(chan bring)
		done := r.start(t.Context())
		var changing sync.WaitGroup
		stop := make(chan struct{})
		changing.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					r.SetRules(ruled(i))
				}
			}
		})
		sent := 0
		for books := r.ledger.Snapshot(); sent < 2*batches || books.Accepted == 0 || books.RejectedTotal() == 0; {
			two := request("a", sent, fmt.Sprintf("c.node.x%d", sent), fmt.Sprintf("c.node.y%d", sent))
			r.source.batches <- bring{messages: []string{two, two}, more: more}
			sent += 2
			books = r.ledger.Snapshot()
		}
		close(stop)
		changing.Wait()
		r.end()
		<-done
		books := r.check(t)
		if n := books.Rejected[wire.TooManyTargets]; n%2 != 0 {
			t.Errorf("%d of %d rejected, not both of a batch or none", n, sent)
		}
		if n := books.Rejected[wire.Loop]; n > 0 {
			t.Errorf("%d were decoded by other rules than they were routed by", n)
		}
		if got, want := int64(len(r.all())), 2*books.Accepted; got != want || books.Received != int64(sent) {
			t.Errorf("%d copies, not %d: %s", got, want, books.String())
		}
		for _, c := range r.all() {
			var by int
			if _, err := fmt.Sscanf(c.payload, "by %d", &by); err != nil || by%2 != 1 {
				t.Fatalf("%s was appended by other rules than it was decoded by: %q", c.subject, c.payload)
			}
		}
	}
}

func TestSetRulesHoldsForTheNextBatch(t *testing.T) {
	var busy sync.Mutex
	r := newRig(1, markingRouter{mark: "before", most: 1, busy: &busy}, nil)
	rules := r.Rules
	r.source.batches = make(chan bring)
	done := r.start(t.Context())
	r.source.batches <- bring{messages: []string{request("a", 1, "c.node.x")}}
	r.source.batches <- bring{} // the one before has been taken
	rules.Router = markingRouter{mark: "after", most: 1, busy: &busy}
	r.SetRules(rules)
	r.source.batches <- bring{messages: []string{request("a", 2, "c.node.x")}}
	r.end()
	<-done
	r.check(t)
	var got []string
	for _, c := range r.all() {
		got = append(got, c.payload)
	}
	if strings.Join(got, ", ") != "before, after" {
		t.Errorf("carried by %q", got)
	}
}
