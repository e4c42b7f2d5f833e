package fleet

import (
	"sync"
	"sync/atomic"
)

// entry is the account of one request.
type entry struct {
	ledger *Ledger

	mu        sync.Mutex
	targets   *Targets // nil: no client of this ledger has asked it
	delivered bitset   // nil before the first copy, and again when complete
	replied   bitset
	done      int // targets with both
	complete  bool
	ended     bool
}

// verdict is what an arrival is.
type verdict int

const (
	first verdict = iota
	duplicate
	stray // not a target
)

// Deliver notes that copies arrived at the nodes from <= i < to.
func (e *entry) Deliver(from, to int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l, fresh := e.ledger, int64(0)
	for i := from; i < to; i++ {
		switch e.arrive(&e.delivered, &e.replied, i) {
		case first:
			fresh++
		case duplicate:
			l.doubleCopies.Add(1)
		case stray:
			l.misdelivered.Add(1)
		}
	}
	l.delivered.Add(fresh)
	e.fold()
}

// reply notes that the client has a reply of node i.
func (e *entry) reply(i int) verdict {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := e.arrive(&e.replied, &e.delivered, i)
	counters := [...]*atomic.Int64{first: &e.ledger.replies, duplicate: &e.ledger.doubleReplies, stray: &e.ledger.foreign}
	counters[v].Add(1)
	e.fold()
	return v
}

// arrive adds i to one set. If the other set has it too, nothing more is expected of i. Called with
// mu held.
func (e *entry) arrive(set, other *bitset, i int) verdict {
	if e.targets != nil && !e.targets.set.has(i) {
		return stray
	}
	if e.complete {
		return duplicate
	}
	if *set == nil {
		*set = newBitset(e.ledger.size)
	}
	if !set.add(i) {
		return duplicate
	}
	if *other != nil && other.has(i) {
		e.settle()
	}
	return first
}

func (e *entry) settle() {
	e.done++
	if e.ended {
		e.ledger.lost.Add(-1)
	}
}

// fold drops the sets of a request that has everything: all that still arrives is a duplicate.
// Called with mu held.
func (e *entry) fold() {
	if e.targets == nil || e.done < e.targets.Len() {
		return
	}
	e.complete = true
	e.delivered, e.replied = nil, nil
}

// end says that the client waits no longer. It returns how many copies were delivered, and which
// targets have not replied.
func (e *entry) end() (delivered int, missing []int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.targets.Len()
	e.ended = true
	e.ledger.inFlight.Add(int64(-n))
	e.ledger.lost.Add(int64(n - e.done))
	if e.complete {
		return n, nil
	}
	for _, i := range e.targets.nodes {
		if e.replied == nil || !e.replied.has(i) {
			missing = append(missing, i)
		}
	}
	if e.delivered != nil {
		delivered = e.delivered.count()
	}
	return delivered, missing
}
