//go:build !pooldebug && !race

// The race detector makes sync.Pool forget things, and with pooldebug no memory is used again.

package pipeline_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// mustNotAllocate fails if a pipeline, once warm, allocates for its messages. On one processor and
// without a garbage collector sync.Pool finds what was put there. More batches may be under way
// than ever before, so a few allocations are allowed.
func mustNotAllocate(t *testing.T, router pipeline.Router, batch [][]byte, copies, lanes int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const warm, times = 1000, 4000
	for _, more := range []bool{false, true} {
		l := newLoop(router, batch, times, lanes)
		l.source.more = more
		var before, after runtime.MemStats
		brought := 0
		l.source.each = func() {
			runtime.Gosched() // to the lanes, or more and more would be under way
			if brought++; brought == warm {
				runtime.ReadMemStats(&before)
			}
		}
		l.run(t, copies)
		runtime.ReadMemStats(&after)
		if n := after.Mallocs - before.Mallocs; n > (times-warm)/100 {
			t.Errorf("more %v: %d allocations for %d batches of %d", more, n, times-warm, len(batch))
		}
	}
}

func TestTheReplyPathAllocatesNothingOnceWarm(t *testing.T) {
	mustNotAllocate(t, benchReplies{}, benchReplyBatch(1), 1, 1)
	mustNotAllocate(t, benchReplies{}, benchReplyBatch(repliesAtATime), repliesAtATime, 1)
}

// bundledReplies is benchReplies, but all replies of a batch leave together.
type bundledReplies struct{ benchReplies }

func (q bundledReplies) Route(r *pipeline.Route) wire.Reason {
	r.BundleAt(r.Envelope.FedReply)
	return q.benchReplies.Route(r)
}

func (bundledReplies) Together(_, _ *pipeline.Bundled) bool { return true }

func (bundledReplies) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	for _, m := range all {
		dst = append(dst, m.Envelope.Data.Of(m.Message)...)
	}
	return dst, len(all)
}

func TestBundlesAllocateNothingOnceWarm(t *testing.T) {
	mustNotAllocate(t, bundledReplies{}, benchReplyBatch(1), 1, 1)
	mustNotAllocate(t, bundledReplies{}, benchReplyBatch(repliesAtATime), repliesAtATime, 1)
}

func TestTheRequestPathAllocatesNothingOnceWarm(t *testing.T) {
	for _, lanes := range []int{1, 2, 25} {
		mustNotAllocate(t, benchRequests{}, [][]byte{benchRequest(1)}, 1, lanes)
		mustNotAllocate(t, benchRequests{}, [][]byte{benchRequest(200)}, 200, lanes)
	}
}
