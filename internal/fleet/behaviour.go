package fleet

import (
	"errors"
	"time"
)

// Behaviour is how nodes answer. What a node does about a request depends on Seed, on the id of the
// request and on the number of the node, and on nothing else. So nodes in another process do the
// same, and a client knows which of them will stay silent.
type Behaviour struct {
	// Delay before an answer. Default: none, and no timer either.
	Delay Delay `json:"delay"`
	// Loss is the share of answers that are never sent, 0 to 1.
	Loss float64 `json:"loss"`
	// Slow is the share of nodes whose delay is SlowTimes as long: always the same nodes.
	Slow      float64 `json:"slow"`
	SlowTimes float64 `json:"slow_times"`
	// Seed makes another fleet of the same kind.
	Seed uint64 `json:"seed"`
}

// Check returns an error if no nodes can behave like that.
func (b Behaviour) Check() error {
	switch {
	case !share(b.Loss) || !share(b.Slow):
		return errors.New("fleet: a share is 0 to 1")
	case b.Slow > 0 && !(b.SlowTimes >= 1 && b.SlowTimes <= 1e6):
		return errors.New("fleet: slow nodes take 1 to 1000000 times as long")
	case b.Slow > 0 && b.Delay.IsZero():
		return errors.New("fleet: slow nodes take a multiple of the delay, and there is none")
	}
	return nil
}

func share(f float64) bool { return f >= 0 && f <= 1 }

// What dice are thrown for. Each has random numbers of its own.
const (
	forLoss = iota + 1
	forDelay
	forSlow
)

// Dice are the behaviour of all nodes towards one request. They are a value that never changes:
// safe for concurrent use.
type Dice struct {
	behaviour Behaviour
	request   uint64
}

// Dice returns the behaviour towards the request with this id.
func (b Behaviour) Dice(id string) Dice {
	return Dice{behaviour: b, request: mix(b.Seed ^ hashText(chanceOf(id)))}
}

// Silent reports whether node never answers.
func (d Dice) Silent(node int) bool {
	b := &d.behaviour
	return b.Loss > 0 && (b.Loss >= 1 || unit(d.request, forLoss, node) < b.Loss)
}

// Wait is how long node takes to answer.
func (d Dice) Wait(node int) time.Duration {
	b := &d.behaviour
	if b.Delay.IsZero() {
		return 0
	}
	w := b.Delay.quantile(unit(d.request, forDelay, node))
	if b.Slow > 0 && unit(mix(b.Seed), forSlow, node) < b.Slow {
		w = time.Duration(min(float64(w)*b.SlowTimes, float64(maxDelay)))
	}
	return w
}

// unit is a random number between 0 and 1, both excluded.
func unit(key uint64, what, node int) float64 {
	h := mix(key + uint64(what)<<48 + uint64(node))
	return (float64(h>>12) + 0.5) / (1 << 52)
}

// mix is the finalizer of SplitMix64: every bit of the result depends on every bit of x.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashText is FNV-1a. Unlike the hash of maps it is the same in all processes.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
