package sim

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// seeds are scenarios that once failed, each with what it showed. A seed means what it did only as
// long as nothing is drawn before or between: whoever changes the plans, the weather or the load
// looks for its like with -scenarios.
var seeds = map[uint64]string{
	4:     "the path leaves its queue group and joins again on one connection: nats.go handed two subscriptions over side by side",
	816:   "the same",
	13:    "bytes of a connection that was given up reach the server behind those of the next one",
	319:   "the same, from a connection that was blocked in a write",
	2520:  "the connection ends between a payload and its end of line: nats.go has delivered it, and it is in the books",
	21690: "a move waits two seconds for the server to catch up with the old connection, and then goes on without",
}

func TestSeedsThatFailedOnce(t *testing.T) {
	fedtest.NeedVirtualTime(t)
	all := newTally()
	for seed := range seeds {
		for range 2 {
			all.run(t, seed)
		}
	}
}
