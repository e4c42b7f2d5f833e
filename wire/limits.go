package wire

import "math"

// Limits bound what Scan takes from one message.
type Limits struct {
	Depth   int // nesting of JSON values; the envelope itself needs 4, encoding/json ends at 10,000
	Hops    int // entries of the trace list that are written on: the first, and the last ones; what is read has no bound
	Targets int // entries of the target list

	// Parts are the small things that take more time than their bytes: unknown keys and values, odd hops, escapes, characters
	// outside ASCII. One in partBytes is always allowed, and so many more; 0 is no bound. Clients and nodes stay far below: a
	// message above is made to keep its reader busy. Targets have a limit of their own.
	Parts int

	// SkipTargets has the target list of a message, however long, stepped over: replies need none. It must still be JSON of
	// the right type, and Envelope.FedTargets stays 0.
	SkipTargets bool
}

// partBytes is how many bytes of a message allow a part. A payload of Ruby has a line break every 60 characters, and every
// 64th is a slash, which some programs escape.
const partBytes = 24

// nameParts is how many escapes and characters outside ASCII the targets of a message may have besides: bad names cost
// themselves only, even if all 200 of a client's group are in another script.
const nameParts = 4096

// hopsAPart is how many hops of two strings or three count as a part: however short, they never are too many.
const hopsAPart = 3

// parts is how many parts a message of n bytes may have.
func (l *Limits) parts(n int) int {
	if l.Parts == 0 {
		return math.MaxInt / 2 // there is room for nameParts
	}
	return l.Parts + n/partBytes
}
