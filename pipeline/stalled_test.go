package pipeline_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// A lane that publishes nothing holds up no other, however much waits for it.
func TestALaneThatIsStuckHoldsUpNoOther(t *testing.T) {
	for _, more := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var batches [][]string
			for i := range 50 * depth {
				batches = append(batches, []string{request("client", i, nodes(40)...)})
			}
			for stuck := range 3 {
				r := newRig(3, targetRouter{}, bringAll(batches, more))
				r.publishers[stuck].gate = make(chan struct{})
				r.end()
				done := r.start(t.Context())
				synctest.Wait()
				if n := len(r.all()); n < len(batches)*20 || n%len(batches) != 0 {
					t.Errorf("more %v: %d copies while lane %d is stuck", more, n, stuck)
				}
				close(r.publishers[stuck].gate)
				<-done
				if n := len(r.all()); n != len(batches)*40 {
					t.Errorf("more %v: %d copies", more, n)
				}
				r.check(t)
			}
		})
	}
}

// A frugalSource brings a batch only if the pool has lent less than so many bytes.
type frugalSource struct {
	*memorySource
	limit int64
}

func (s frugalSource) Run(ctx context.Context, line pipeline.Line) {
	for b := range s.batches {
		if s.pool.WaitForRoom(ctx, 64<<10, s.limit) != nil {
			return
		}
		line.Take(s.batch(b))
	}
}

// Memory bounds what waits for a lane that is stuck. Then nothing is read, and reading goes on when
// the lane has published some of it.
func TestMemoryBoundsWhatWaitsForALaneThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const batches, limit = 3000, 4 << 20
		var all []bring
		for i := range batches {
			all = append(all, bring{messages: []string{message("a", strconv.Itoa(i), nodes(30)...)}})
		}
		r := newRig(4, targetRouter{}, all)
		r.Source = frugalSource{r.source, limit}
		gate := make(chan struct{})
		r.publishers[2].gate = gate
		r.end()
		done := r.start(t.Context())
		for range 20 {
			synctest.Wait()
			before := r.taken()
			if lent := r.pool.Lent(); before == batches || lent > limit || lent < limit/2 {
				t.Fatalf("%d batches taken, %d bytes lent", before, lent)
			}
			for range 10 {
				gate <- struct{}{}
			}
			synctest.Wait()
			if r.taken() <= before {
				t.Fatal("reading does not go on")
			}
		}
		close(gate)
		<-done
		if n := len(r.all()); n != batches*30 {
			t.Errorf("%d copies", n)
		}
		r.check(t)
	})
}

// What compact messages expand to is bounded, too: a read brings a thousand times less. And one
// that is larger than the bound is carried once nothing is under way.
func TestMemoryBoundsWhatCompactMessagesExpandTo(t *testing.T) {
	packed := compactRequest(t, "a", strings.Repeat("x", 10_000), nodes(100)...)
	const messages, each = 50, 1 << 20 // bytes that a message expands to, about
	for _, limit := range []int64{4 * each, 4096} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(2, targetRouter{}, []bring{{messages: slices.Repeat([]string{packed}, messages)}})
			r.takes(pipeline.Compact{
				Kind: compact.KindRequest, Limits: compact.Limits{Bytes: 16 << 20, Messages: 999, Targets: 999}, MaxBytes: limit,
			})
			gate := make(chan struct{})
			r.publishers[1].gate = gate
			r.end()
			done := r.start(t.Context())
			synctest.Wait()
			// A cargo is beside each, and both may be twice as large as they must.
			if lent := r.pool.Peak(); lent > limit+6*each {
				t.Errorf("%d bytes lent", lent)
			}
			close(gate)
			<-done
			if n := len(r.all()); n != 100*messages {
				t.Errorf("%d copies", n)
			}
			r.check(t)
		})
	}
}
