package load

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/record"
)

// tooLate is what a cell holds after a reply that came after the deadline. The target is lost, and
// further replies of it are duplicates.
const tooLate = math.MaxUint32

// request is one request on its way. It is a fleet.Account.
type request struct {
	// Set before anything is published, then read-only.
	gen     *Generator
	id      string
	window  window
	dice    fleet.Dice
	planned time.Duration // since the generator's start
	silent  int           // targets that will not answer
	wanted  int64         // arrivals that make the request complete

	// Owned by the sender until the run ends.
	sent time.Duration

	// A cell for each target: the latency of its first copy or reply, from planned, in microseconds
	// plus one. 0 is none. copies is nil when the nodes run elsewhere.
	copies, replies []atomic.Uint32

	arrived                        atomic.Int64 // first copies, and first replies in time
	duplicates, misdelivered, late atomic.Uint32

	mu    sync.Mutex
	marks []record.Mark // guarded by mu; rare
}

// verdict is what an arrival is.
type verdict int

const (
	first verdict = iota
	duplicate
	stray
	late
)

// Deliver notes that copies arrived at the nodes from <= i < to.
func (r *request) Deliver(from, to int) {
	arrived := r.gen.clock()
	latency := cellValue(arrived - r.planned)
	fresh := int64(0)
	for node := from; node < to; node++ {
		switch v := r.arrive(r.copies, node, latency); v {
		case first:
			fresh++
		default:
			r.fault(v, node)
		}
	}
	r.gen.copies.Add(int64(to - from))
	r.progress(fresh, arrived)
}

// reply notes a reply of a node.
func (r *request) reply(node int) verdict {
	arrived := r.gen.clock()
	latency := cellValue(arrived - r.planned)
	if arrived-r.planned > r.gen.opts.Timeout {
		latency = tooLate
	}
	v := r.arrive(r.replies, node, latency)
	if v == first && latency == tooLate {
		v = late
	}
	if v != first {
		r.fault(v, node)
		return v
	}
	r.gen.live.add(latency)
	r.progress(1, arrived)
	return first
}

func cellValue(latency time.Duration) uint32 {
	return uint32(min(max(latency.Microseconds(), 0)+1, tooLate-1))
}

// arrive fills the cell of a node.
func (r *request) arrive(cells []atomic.Uint32, node int, latency uint32) verdict {
	i, asked := r.window.cell(node)
	if !asked || i >= len(cells) {
		return stray
	}
	if !cells[i].CompareAndSwap(0, latency) {
		return duplicate
	}
	return first
}

// fault counts an arrival that should not be.
func (r *request) fault(v verdict, node int) {
	what := record.Duplicated
	switch v {
	case duplicate:
		r.duplicates.Add(1)
	case stray:
		r.misdelivered.Add(1)
		what = record.Misdelivered
	case late:
		r.late.Add(1)
		what = record.Late
	}
	r.gen.faults.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marks = append(r.marks, record.Mark{Node: uint32(node), What: what})
}

// progress notes n arrivals, and tells the generator if the request is complete with them.
func (r *request) progress(n int64, at time.Duration) {
	if n == 0 {
		return
	}
	r.gen.lastArrival.Store(int64(at))
	if after := r.arrived.Add(n); after >= r.wanted && after-n < r.wanted {
		r.gen.complete()
	}
}

func (r *request) done() bool { return r.arrived.Load() >= r.wanted }
