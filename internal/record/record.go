// Package record holds what was measured, and keeps it in files.
//
// A [Run] is what one run of the load generator observed: for each request and node when its copy
// arrived and when its reply did, what it cost, and how well the generator kept its plan. The
// numbers come from the client and the nodes of the generator, never from the relay; what the relay
// said about itself is kept beside them (Run.Relay) so that the two can be compared. Its file
// (.frb) is compressed.
//
// A [Series] is what the benchmarks found when several relays took turns: figures only. Its file is
// small and can be read.
package record

import "time"

// A Run is one run of the generator.
type Run struct {
	Meta     Meta
	Nodes    []string // identities; the node numbers below are positions here
	Requests []Request
	Totals   Totals
	Cost     []Sample // of the relay; empty when nobody watched it
	Self     []Sample // of the generator
	Costs    Costs    // of the relay, derived from Cost by whoever took the samples
	Relay    []Ledger // what the relay's own books say of this run, if it exports them; one a path
}

// Meta says what was run, where, and with which settings.
type Meta struct {
	Version   string            // of the generator
	Started   time.Time         // when the first request was planned
	Elapsed   time.Duration     // until the last answer, or until waiting was given up
	Command   []string          // as it was typed
	Settings  map[string]string // all of them, defaults included
	Relay     string            // the command or the process watched; empty if unknown
	CPUs      int
	InProcess bool // the nodes ran in the generator: copies are known
}

// A Request is one planned request of a client, whatever number of messages (groups) it took. Times
// are from Meta.Started.
type Request struct {
	Planned time.Duration // when it should have been sent; latencies count from here
	Sent    time.Duration // when the last of its messages had been handed over
	Targets []uint32      // node numbers, ascending; nil for all nodes
	// Copies and Replies hold, for each target in order, the latency from Planned in microseconds
	// plus one; 0 is none. Copies is nil where the nodes ran in another process.
	Copies, Replies []uint32
	// Faults: second copies and second replies of a node, copies and replies of nodes that were not
	// asked, and replies after the deadline. A late reply is not in Replies, because its target is
	// lost.
	Duplicates, Misdelivered, Late uint32
	// Marks says which nodes the faults are about, as far as that is known, and which nodes were
	// silent on purpose. In any order. Reports take counts from the numbers above, and pictures
	// from the marks.
	Marks []Mark
}

// A Mark says what is worth telling about a node in one request.
type Mark struct {
	Node uint32
	What What
}

// What a Mark tells.
type What uint8

const (
	Duplicated   What = iota + 1 // a second copy or a second reply
	Misdelivered                 // a copy or a reply of a node that was not asked
	Late                         // a reply after the deadline
	Silent                       // simulated not to answer, and did not
)

// Totals is the end-to-end ledger of a run: Targets = Replies + Lost + Silent. Lost counts targets
// that gave no reply before the deadline, whatever the cause, except those that were simulated not
// to answer: they are Silent.
type Totals struct {
	Requests, Targets, Delivered, Replies, Lost, Duplicates, Misdelivered, Late int64

	Silent int64

	// GeneratorBound says that the generator, not the relay, was the bottleneck. Why says what
	// showed that.
	GeneratorBound bool
	Why            string
	MaxLag         time.Duration // how much too late a request was sent, at most
}

// A Sample is what a process had used at one time. Counters count from the start of the process.
type Sample struct {
	At          time.Duration // from Meta.Started
	CPU         time.Duration // all threads, of its children too
	RSS         int64         // bytes
	Threads     int
	Connections int   // TCP, established
	Switches    int64 // context switches, both kinds
}

// Costs is what the relay used for this run, without what it uses when idle. 0 is unknown.
type Costs struct {
	CPUPerCopy, CPUPerReply float64 // microseconds
	RSSPeak                 int64   // bytes
}

// A Ledger is what a relay says of one path.
type Ledger struct {
	Path                                  string // request, reply
	Received, Rejected, Accepted, Dropped int64  // messages
	Copies, Confirmed, Unaccounted        int64  // copies
}
