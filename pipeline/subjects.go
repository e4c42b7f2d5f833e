package pipeline

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// A census estimates how many different subjects copies went to, by linear counting: each subject
// sets the bit that its hash names, and the number of bits that are still clear tells how many
// subjects there were. The error is 1 % at most up to 100,000 subjects. The largest estimate is
// some 340,000.
//
// It counts in generations, so that subjects that are no longer used are forgotten.
type census struct {
	generations [2]bitmap
	current     atomic.Uint32 // an index into generations
}

// A bitmap has a bit for each value of the lowest bits of a hash. One goroutine at a time sets
// bits.
type bitmap [1 << 9]atomic.Uint64

const bitsInMap = uint64(len(bitmap{})) * 64

// now returns the generation that grows.
func (c *census) now() *bitmap { return &c.generations[c.current.Load()] }

// set enters the subject with this hash.
func (b *bitmap) set(hash uint64) {
	word := &b[hash%bitsInMap/64]
	if bit := uint64(1) << (hash % 64); word.Load()&bit == 0 {
		word.Or(bit)
	}
}

// age begins a new generation and forgets the one before the last.
func (c *census) age() {
	next := 1 - c.current.Load()
	for i := range c.generations[next] {
		c.generations[next][i].Store(0)
	}
	c.current.Store(next)
}

// estimate returns how many subjects there are in the fuller generation.
func (c *census) estimate() int {
	return max(c.generations[0].estimate(), c.generations[1].estimate())
}

func (b *bitmap) estimate() int {
	clear := int(bitsInMap)
	for i := range b {
		clear -= bits.OnesCount64(b[i].Load())
	}
	return int(math.Round(float64(bitsInMap) * math.Log(float64(bitsInMap)/float64(max(clear, 1)))))
}

// Subjects returns about how many different subjects copies went to, in this generation or in the
// one before: the larger number. It is 0 without Config.CountSubjects. It does not block.
func (p *Pipeline) Subjects() int { return p.dealer.census.estimate() }

// AgeSubjects begins a new generation of Subjects. It does not block.
func (p *Pipeline) AgeSubjects() { p.dealer.census.age() }
