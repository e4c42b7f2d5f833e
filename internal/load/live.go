package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Live is a run at one moment.
type Live struct {
	Elapsed           time.Duration // since the start; negative before
	Requests          int           // sent
	Targets, Replies  int64
	Copies            int64 // where they are known
	Open              int64 // requests that are not complete
	Faults            int64 // duplicates, misdelivered, late
	P50, P99, Slowest time.Duration
}

// Live reads the counters. It may be called at any time, from any goroutine. A few times a second
// cost nothing.
func (g *Generator) Live() Live {
	g.mu.RLock()
	n := len(g.all)
	g.mu.RUnlock()
	v := Live{
		Elapsed: g.clock() - time.Duration(g.begin.Load()), Requests: n, Targets: int64(n) * int64(g.opts.Targets),
		Copies: g.copies.Load(), Open: g.open.Load(), Faults: g.faults.Load(),
	}
	g.live.read(&v)
	return v
}

// Counts reads the counters.
func (g *Generator) Counts() Counts {
	return Counts{
		Messages: g.messages.Load(), Copies: g.copies.Load(), Replies: g.replies.Load(), Strays: g.strays.Load(),
		Checked: g.checked.Load(), Corrupt: g.corrupt.Load(),
	}
}

// liveHistogram has the latencies of first replies, in microseconds.
type liveHistogram struct {
	mu sync.Mutex
	h  *hdrhistogram.Histogram
}

// newLiveHistogram covers a microsecond to an hour with two digits: 30 kB.
func newLiveHistogram() liveHistogram { return liveHistogram{h: hdrhistogram.New(1, 3_600_000_000, 2)} }

func (l *liveHistogram) add(cell uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.h.RecordValue(int64(cell)) // fails beyond an hour, when nobody watches any more
}

func (l *liveHistogram) read(v *Live) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := func(q float64) time.Duration { return time.Duration(l.h.ValueAtQuantile(q)) * time.Microsecond }
	v.Replies, v.P50, v.P99, v.Slowest = l.h.TotalCount(), at(50), at(99), at(100)
}

// Counts is everything that passed the generator, faults included: what the books of a relay are
// compared with.
type Counts struct {
	Messages int64 // published; a compact one counts for all groups that it stands for
	Copies   int64 // arrived at nodes of this process, also at the wrong ones
	Replies  int64 // arrived at the client, to requests of this run
	Strays   int64 // arrived at the client, to other requests
	Checked  int64 // replies unwrapped and compared with what their node must have sent
	Corrupt  int64 // replies that were something else
}
