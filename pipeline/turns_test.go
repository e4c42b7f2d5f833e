package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/pipeline"
)

// A client's tool asks groups of 200 nodes, the last one smaller. Its batch has another client's
// message in it, too.
func TestAMessageDoesNotWaitWithOneOfItsBatchThatHasTo(t *testing.T) {
	for _, more := range []bool{false, true} {
		for _, last := range [][]string{
			{toMany("groups", 50), lightTo("light", 0).String()},
			{lightTo("light", 0).String(), toMany("groups", 50)},
			{toMany("groups", 50), toMany("groups", 50), lightTo("light", 0).String(), toMany("groups", 1)},
		} {
			synctest.Test(t, func(t *testing.T) {
				calls := newCallClock(t, []bring{{groups("groups", 100), more}, {last, more}})
				if n := calls.last["light"]; n > depth+4 {
					t.Errorf("more %v: it came with call %d of %d", more, n, calls.now.Load())
				}
			})
		}
	}
}

// One client has many messages in a batch, another has one: that one does not wait for the others.
func TestASmallMessageDoesNotWaitForTheOthersOfAHeavyBatch(t *testing.T) {
	for _, more := range []bool{false, true} {
		for at := 0; at < 30; at += 3 {
			synctest.Test(t, func(t *testing.T) {
				batch := slices.Insert(groups("groups", 30), at, lightTo("light", 0).String())
				calls := newCallClock(t, []bring{{[]string{toMany("before", 5000)}, more}, {batch, more}})
				if n := calls.last["light"]; n > depth+2 {
					t.Errorf("more %v, at %d: it came with call %d of %d", more, at, n, calls.now.Load())
				}
			})
		}
	}
}

// groups are n messages of a client to 200 nodes each, of 50 kB.
func groups(client string, n int) (all []string) {
	for range n {
		all = append(all, toMany(client, 200))
	}
	return all
}

// A callClock counts calls of Publish, and the bytes of their copies. It lets as much wait as there
// can be.
type callClock struct {
	pipeline.Source
	line  pipeline.Line
	now   atomic.Int64
	bytes atomic.Int64
	taken []int64          // by batch: bytes published when its Take returned
	last  map[string]int64 // by client: the call with its last message
	ahead map[string]int64 // by client: bytes published before that message
}

// newCallClock carries batches.
func newCallClock(t *testing.T, batches []bring) *callClock {
	t.Helper()
	r := newTerseRig(batches)
	c := &callClock{Source: r.source, last: map[string]int64{}, ahead: map[string]int64{}}
	r.Source, r.publishers[0].called = c, c.called
	gate := r.gate()
	r.end()
	release(gate, r.start(t.Context()))
	r.check(t)
	return c
}

func (c *callClock) called(e *pipeline.Egress) {
	now := c.now.Add(1)
	for _, m := range e.Messages {
		client := clientOf(e.AppendPayload(nil, m))
		c.last[client], c.ahead[client] = now, c.bytes.Load()
		c.bytes.Add(int64(m.Copies() * m.Size()))
	}
}

func (c *callClock) Run(ctx context.Context, line pipeline.Line) {
	c.line = line
	c.Source.Run(ctx, c)
}

func (c *callClock) Take(b *pipeline.Batch) {
	c.line.Take(b)
	c.taken = append(c.taken, c.bytes.Load())
}

// Whatever else is under way, a client's only message waits for a few turns, never for all of
// another's.
func TestALoneMessageWaitsForAFewTurnsUnderEveryMix(t *testing.T) {
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) { loneMessages(t, rand.New(rand.NewPCG(seed, 9))) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func loneMessages(t *testing.T, random *rand.Rand) {
	heavies := 1 + random.IntN(4)
	var batches []bring
	for i := range 40 {
		var batch []string
		for range random.IntN(4) {
			batch = append(batch, toMany(fmt.Sprint("heavy", random.IntN(heavies)), 1+random.IntN(400)*random.IntN(12)))
		}
		batches = append(batches, bring{slices.Insert(batch, random.IntN(len(batch)+1), lightTo(lone(i), 0).String()), false})
	}
	calls := newCallClock(t, batches)
	for i, taken := range calls.taken {
		// What stands in the channel in front of it may be published first, and one turn between
		// two looks there.
		if waited := calls.ahead[lone(i)] - taken; waited > (depth+2)*2*256<<10 {
			t.Errorf("batch %d of %d waited for %d bytes", i, len(batches), waited)
		}
	}
}

func lone(i int) string { return fmt.Sprint("lone", i) }
