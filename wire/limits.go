package wire

import "math"

// Limits bound what Scan accepts of one message.
type Limits struct {
	// Depth is how deep JSON values may be nested. The envelope itself needs 4; encoding/json
	// allows 10,000.
	Depth int
	// Hops is how many entries of the trace list are written: the first one, and the last ones.
	// There is no limit to how many are read.
	Hops int
	// Targets is how many entries the list of targets may have.
	Targets int

	// Parts limits things that take more time than their number of bytes lets expect: unknown keys
	// and values, odd hops, escapes, characters outside ASCII. One part for each bytesPerPart bytes
	// is allowed, and Parts more. 0 means no limit. Clients and nodes stay far below; a message
	// with more parts is made to keep its reader busy. Targets have a limit of their own.
	Parts int

	// SkipTargets makes Scan step over the list of targets, however long it is, because replies
	// need no targets. The list must still be JSON of the right type. Envelope.FedTargets stays 0.
	SkipTargets bool
}

// bytesPerPart is how many bytes of a message allow one part. A payload of Ruby has a line break
// every 60 characters, and one character in 64 is a slash, which some programs escape.
const bytesPerPart = 24

// targetParts is how many parts the targets of a message may have, besides those of Limits.Parts. A
// target with a bad name is skipped, and its message must not be rejected for it, even if all 200
// names of a client's group are in another script.
const targetParts = 4096

// hopsPerPart is how many hops of two strings or three count as one part. However short they are,
// three of them have at least bytesPerPart bytes, so there are never too many.
const hopsPerPart = 3

// parts returns how many parts a message of n bytes may have.
func (l *Limits) parts(n int) int {
	if l.Parts == 0 {
		return math.MaxInt / 2 // there is room for targetParts
	}
	return l.Parts + n/bytesPerPart
}
