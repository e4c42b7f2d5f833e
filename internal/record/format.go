package record

import "errors"

// A run file is one line of text, then a zstd stream:
//
//	"fedrelay run 1\n"
//	uvarint length, header: a JSON object
//	nodes     each: uvarint length, name
//	cost      samples: At, CPU, RSS, Threads, Connections, Switches, each a varint, the difference from the sample before
//	self      samples
//	requests  each: see writeRequest
//
// Numbers are varints of encoding/binary. A reader of another version refuses the file: runs are cheap to make again.
const magic = "fedrelay run 1\n"

// What a file may hold. Write refuses what Read would refuse.
const (
	maxHeader   = 1 << 20 // bytes
	maxName     = 1 << 10 // bytes
	maxNodes    = 1 << 20
	maxSamples  = 1 << 20
	maxRequests = 1 << 20

	// Decompressed bytes: so many for any file, and so many for each compressed byte, up to a total. Latencies are noise and
	// compress to about half; only those of a run in which all is lost compress to nothing.
	freeSize  = 64 << 20
	ratio     = 64
	totalSize = 4 << 30

	window = 4 << 20 // of the compression; what it costs the reader
)

var (
	errMagic    = errors.New("record: not a run file of this version")
	errTooLarge = errors.New("record: more data than a run file may hold")
	errTrailing = errors.New("record: data after the end of the run")
)

// allowed tells whether so much data may come from so much of a file. Tests have another idea of freeSize.
func allowed(plain, compressed, free int64) bool {
	return plain <= totalSize && plain <= free+ratio*compressed
}

// The header is what has no need to be compact.
type header struct {
	Meta                        Meta
	Totals                      Totals
	Costs                       Costs
	Relay                       []Ledger
	Nodes, Cost, Self, Requests int // how many follow
}

func (h *header) valid() bool {
	return within(h.Nodes, maxNodes) && within(h.Cost, maxSamples) && within(h.Self, maxSamples) &&
		within(h.Requests, maxRequests)
}

func within(n, limit int) bool { return n >= 0 && n <= limit }

// What a request in the file has.
const (
	hasTargets  = 1 << iota // its own list; else all nodes, or
	sameTargets             // those of the request before
	hasCopies
	hasReplies
	allFlags = 1<<iota - 1
)
