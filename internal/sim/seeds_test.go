package sim

import "testing"

// seeds are scenarios that once failed, each with what it showed. A seed means what it did only as long as nothing is drawn
// before or between: whoever changes the plans, the weather or the load looks for its like with -scenarios.
var seeds = map[uint64]string{
	1109: "the connection ends between a payload and its end of line: nats.go has delivered it, and it is in the books",
	2520: "the same on the collective",
	3059: "the path leaves its queue group and joins again on one connection while replies are under way",
	3815: "the same, often enough to see replies overtake each other (strictOrder)",
	3976: "bytes of a connection that was given up reach the server behind those of the next one",
}

func TestSeedsThatFailedOnce(t *testing.T) {
	needsDurableMutexes(t)
	all := newTally()
	for seed := range seeds {
		for range 2 {
			all.run(t, seed)
		}
	}
}
