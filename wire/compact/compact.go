package compact

import "github.com/fedrelay/fedrelay/wire"

// Mark is the first byte of a compact message. No JSON text begins with it, so a reader of JSON
// drops a compact message at its first byte.
const Mark = 0xFE

// Is reports whether m is a compact message by its first byte.
func Is(m []byte) bool { return len(m) > 0 && m[0] == Mark }

// A Kind says what a compact message holds.
type Kind uint8

// The kinds. They are numbers of the format.
const (
	KindRequest Kind = 1
	KindReplies Kind = 2
)

// A Request is a request to any number of nodes. It stands for one message for each group.
type Request struct {
	Parts    wire.Parts // without FedReply
	Groups   []int      // where the targets of each message end in Parts.Targets; nil is one group
	Hops     int        // how many edges it has passed
	Deadline int64      // until when the client waits, in ms of Unix time; 0 if unknown
}

// Limits bound what a compact message may expand to.
type Limits struct {
	Bytes    int // of all messages together
	Messages int
	Targets  int // of all messages together
}

// MaxRatio is how many times larger than a compact message its contents may be. A writer fills up
// a message that would be smaller, so nothing is lost by it. 10,000 equal replies are the only
// thing known to come near.
const MaxRatio = 1024

// Contents say what a compact message holds.
type Contents struct {
	Kind     Kind
	Address  []byte // of replies: where they were sent to; it aliases the decoder or the message
	Hops     int    // of a request
	Deadline int64  // of a request
	Messages int    // how many
	Bytes    int    // of all messages together, as Append writes them
}
