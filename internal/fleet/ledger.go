package fleet

import (
	"sync"
	"sync/atomic"
)

// Ledger is the end-to-end account of a run: what the client asked, what arrived at the nodes, what
// came back. Nodes and clients of one run share it. It never forgets a request and keeps a few
// hundred bytes for each, so make one for each run. Safe for concurrent use.
type Ledger struct {
	size int // nodes; set by NewLedger, then read-only

	mu      sync.Mutex
	entries map[string]*entry // guarded by mu

	requests, targets, delivered, replies     atomic.Int64
	doubleCopies, doubleReplies, misdelivered atomic.Int64
	foreign, corrupt, lost, inFlight          atomic.Int64
}

// Totals is a Ledger at one moment. Everything but Requests counts targets, copies or replies.
type Totals struct {
	Requests  int64 `json:"requests"`
	Targets   int64 `json:"targets"`
	Delivered int64 `json:"delivered"` // copies that arrived at the right node, the first each
	Replies   int64 `json:"replies"`   // first replies of targets
	// Lost are targets of ended requests that lack a delivered copy or a reply. Those whose reply
	// comes late are no longer lost.
	Lost     int64 `json:"lost"`
	InFlight int64 `json:"in_flight"` // targets of requests that have not ended
	// DuplicateCopies arrived at a node once more, DuplicateReplies at the client. A doubled copy
	// makes a doubled reply.
	DuplicateCopies  int64 `json:"duplicate_copies"`
	DuplicateReplies int64 `json:"duplicate_replies"`
	Misdelivered     int64 `json:"misdelivered"` // copies that arrived at a node that was not asked
	Foreign          int64 `json:"foreign"`      // replies not of targets, or unreadable
	Corrupt          int64 `json:"corrupt"`      // checked replies that were not what the node sent
}

// Duplicates is what arrived more than once, on either leg.
func (t Totals) Duplicates() int64 { return t.DuplicateCopies + t.DuplicateReplies }

// Clean reports whether every ended request got exactly one copy to, and one reply from, each of
// its targets.
func (t Totals) Clean() bool {
	return t.Lost == 0 && t.Duplicates() == 0 && t.Misdelivered == 0 && t.Foreign == 0 && t.Corrupt == 0
}

// NewLedger makes a ledger for the nodes of r.
func NewLedger(r *Roster) *Ledger {
	return &Ledger{size: r.Len(), entries: map[string]*entry{}}
}

// Totals reads the counters one by one: they agree with each other when nothing is in flight.
func (l *Ledger) Totals() Totals {
	return Totals{
		Requests: l.requests.Load(), Targets: l.targets.Load(), InFlight: l.inFlight.Load(),
		Delivered: l.delivered.Load(), Replies: l.replies.Load(), Lost: l.lost.Load(),
		DuplicateCopies: l.doubleCopies.Load(), DuplicateReplies: l.doubleReplies.Load(),
		Misdelivered: l.misdelivered.Load(), Foreign: l.foreign.Load(), Corrupt: l.corrupt.Load(),
	}
}

// Request is the account of a request. It makes a Ledger the Books of Nodes.
func (l *Ledger) Request(id string) Account { return l.entry(id) }

// entry returns the account of a request. Nodes may see requests that no client of this ledger has
// opened.
func (l *Ledger) entry(id string) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[id]
	if !ok {
		e = &entry{ledger: l}
		l.entries[id] = e
	}
	return e
}

// open announces a request, before anything of it is published.
func (l *Ledger) open(id string, t *Targets) *entry {
	e := l.entry(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.targets = t
	l.requests.Add(1)
	l.targets.Add(int64(t.Len()))
	l.inFlight.Add(int64(t.Len()))
	return e
}
