package pipeline_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
)

// newTerseRig makes a rig whose only publisher keeps calls, no copies.
func newTerseRig(batches []bring) *rig {
	r := newRig(1, scriptRouter{}, batches)
	r.publishers[0].terse = true
	return r
}

// toMany makes a message of a client to n targets, with a small payload: a turn is about a thousand
// of them.
func toMany(client string, n int) string {
	targets := make([]string, n)
	for i := range targets {
		targets[i] = fmt.Sprintf("mcollective.node.n%06d.example.net", i)
	}
	return (&script{client: client, verdict: serve, size: 200, targets: targets}).String()
}

func TestALightMessageOvertakesOneTo50000Nodes(t *testing.T) {
	for _, more := range []bool{false, true} {
		for _, after := range []int{0, 1, 25, 40} {
			synctest.Test(t, func(t *testing.T) { overtake(t, []string{toMany("heavy", 50_000)}, after, more) })
		}
	}
}

func TestALightMessageOvertakesSeveralHeavyOnes(t *testing.T) {
	var heavy []string
	for i := range 5 {
		heavy = append(heavy, toMany(fmt.Sprint("heavy", i), 5000))
		for _, more := range []bool{false, true} {
			for _, after := range []int{0, 1, 3} {
				synctest.Test(t, func(t *testing.T) { overtake(t, heavy, after, more) })
			}
		}
	}
}

// What is heavy in a batch does not hold up what is light behind it.
func TestALightMessageOvertakesAHeavyOneOfItsBatch(t *testing.T) {
	for _, more := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			batch := []string{lightTo("before", 0).String(), toMany("heavy", 10_000), lightTo("light", 0).String()}
			r := newTerseRig([]bring{{batch, more}})
			gate := r.gate()
			r.end()
			release(gate, r.start(t.Context()))
			r.check(t)
			if at := position(r.publishers[0].calls, "light"); at > 1 {
				t.Errorf("more %v: the light message came with call %d", more, at+1)
			}
		})
	}
}

// overtake has a light message come while heavy ones are published, after some calls of Publish.
func overtake(t *testing.T, heavy []string, after int, more bool) {
	r := newTerseRig(nil)
	gate, done := r.gate(), r.start(t.Context())
	offered := make(chan struct{})
	go func() {
		for _, m := range heavy {
			r.source.batches <- bring{[]string{m}, more}
		}
		<-offered
		r.source.batches <- bring{[]string{lightTo("light", 0).String()}, more}
		r.end()
	}()
	for range after {
		synctest.Wait()
		gate <- struct{}{}
	}
	synctest.Wait()
	begun := len(r.publishers[0].calls) + 1
	close(offered)
	release(gate, done)
	r.check(t)

	calls := r.publishers[0].calls
	checkTurns(t, calls)
	// The heavy ones ahead of it that are not at their turns yet get there, and each time one of
	// them is served.
	if at := position(calls, "light"); at > begun+len(heavy)/(depth+1) {
		t.Errorf("%d heavy, more %v: %d calls had begun, the light message came with call %d", len(heavy), more, begun, at+1)
	}
}

// position is the number of calls before the first one for client.
func position(calls []served, client string) int {
	return slices.IndexFunc(calls, func(c served) bool { return c.client == client })
}

// checkTurns reports turns that are longer than they may be.
func checkTurns(t *testing.T, calls []served) {
	t.Helper()
	for i, c := range calls {
		if c.bytes > 256<<10+c.last {
			t.Errorf("call %d publishes %d bytes", i, c.bytes)
		}
	}
}

func TestAFloodOfLightMessagesDoesNotStarveAHeavyOne(t *testing.T) {
	for _, more := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			batches := []bring{{[]string{toMany("heavy", 20_000)}, more}}
			for i := range 200 {
				batches = append(batches, bring{[]string{lightTo("light", i).String()}, more})
			}
			r := newTerseRig(batches)
			gate := r.gate()
			r.end()
			release(gate, r.start(t.Context()))
			r.check(t)
			left, lights := 20_000, 0
			for _, c := range r.publishers[0].calls {
				if c.client == "light" {
					lights++
				} else {
					left -= c.copies
					lights = 0
				}
				if left > 0 && lights > depth+1 {
					t.Fatalf("more %v: %d light messages and no turn of the heavy one, which has %d copies left", more, lights, left)
				}
			}
		})
	}
}

// Two heavy messages advance side by side, whichever came first.
func TestHeavyMessagesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTerseRig(inline([]string{toMany("first", 20_000)}, []string{toMany("second", 5000)}))
		gate := r.gate()
		r.end()
		release(gate, r.start(t.Context()))
		r.check(t)
		calls := r.publishers[0].calls
		checkTurns(t, calls)
		last := 0
		for i, c := range calls {
			if c.client == "second" {
				last = i
			}
		}
		if last > 12 {
			t.Errorf("the shorter message ended with call %d of %d", last+1, len(calls))
		}
	})
}
