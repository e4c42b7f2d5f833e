package sim

import (
	"math/rand/v2"
	"time"
)

// A fault is what can happen to one direction of a connection, once, at a certain byte.
type fault int

const (
	nothing fault = iota
	cut           // the connection ends
	stall         // nothing passes for a while
	vanish        // everything written from now on is lost, and nobody is told
	dead          // nothing passes any more: whoever writes blocks once the buffer is full
)

// A flow says how one direction of a connection carries bytes.
type flow struct {
	latency time.Duration
	rate    int // in bytes a second; 0: no limit
	fault   fault
	faultAt int           // byte at which the fault happens, counted from the login
	lasts   time.Duration // how long a stall is
}

// A plan says what happens to one connection.
type plan struct {
	up, down flow // from the relay, to the relay
	reset    bool // a cut throws away what is buffered
	brokenAt int  // byte at which a write fails, taken in part; 0: none does
	split    bool // reads return less than there is
	room     int  // of the buffer of each direction, in bytes
}

// goodPlan is a connection to which nothing happens.
func goodPlan() plan { return plan{room: 64 << 10} }

// newPlan makes the plan of a connection. To one in three nothing happens but slowness.
func newPlan(rng *rand.Rand) plan {
	p := goodPlan()
	p.room = 1 << (9 + rng.IntN(9))
	p.split = rng.IntN(2) == 0
	p.reset = rng.IntN(2) == 0
	p.up, p.down = newFlow(rng), newFlow(rng)
	switch rng.IntN(12) {
	case 0, 1:
		p.up.fault = cut
	case 2, 3:
		p.down.fault = cut
	case 4:
		p.up.fault = stall
	case 5:
		p.down.fault = stall
	case 6:
		halfOpen(rng, &p.up)
	case 7:
		halfOpen(rng, &p.down)
	case 8:
		p.brokenAt = somewhere(rng)
	}
	return p
}

// halfOpen has a flow end without a word to anybody.
func halfOpen(rng *rand.Rand, f *flow) {
	f.fault = vanish
	if rng.IntN(2) == 0 {
		f.fault = dead
	}
}

func newFlow(rng *rand.Rand) flow {
	f := flow{faultAt: somewhere(rng), lasts: between(rng, 10*time.Millisecond, 20*time.Second)}
	if rng.IntN(4) == 0 {
		f.latency = between(rng, time.Millisecond, 300*time.Millisecond)
	}
	if rng.IntN(6) == 0 {
		f.rate = 2 << (10 + rng.IntN(8))
	}
	return f
}

// somewhere draws a byte, in the first few frames as often as far behind them.
func somewhere(rng *rand.Rand) int { return 1 + rng.IntN(64<<rng.IntN(13)) }

func between(rng *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(rng.Int64N(int64(to-from)))
}
