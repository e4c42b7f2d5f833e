package fleet

import "math/bits"

// bitset is a set of node numbers below a fixed bound. It is not safe for concurrent use.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// add adds i, and reports whether it is new.
func (b bitset) add(i int) bool {
	fresh := !b.has(i)
	b[i/64] |= 1 << (i % 64)
	return fresh
}

func (b bitset) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}
