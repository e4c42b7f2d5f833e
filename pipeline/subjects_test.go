package pipeline

import (
	"hash/maphash"
	"math"
	"strconv"
	"testing"
)

// enterAll enters so many different subjects, each twice.
func (c *census) enterAll(prefix string, n int) {
	for i := range 2 * n {
		c.now().set(maphash.String(hashSeed, prefix+strconv.Itoa(i%n)))
	}
}

func TestTheCensusIsRightWithinATenth(t *testing.T) {
	for _, n := range []int{0, 1, 10, 100, 1000, 10_000, 100_000} {
		var c census
		c.enterAll("mcollective.node.n", n)
		if got := c.estimate(); math.Abs(float64(got-n)) > float64(n)/10 {
			t.Errorf("%d subjects, estimated %d", n, got)
		}
	}
}

func TestAFullCensusHasAnEstimate(t *testing.T) {
	var c census
	c.enterAll("n", 2_000_000)
	if got := c.estimate(); got < 300_000 || got > 400_000 {
		t.Errorf("estimated %d", got)
	}
}

func TestTheCensusForgetsWhatIsTwoGenerationsOld(t *testing.T) {
	var c census
	c.enterAll("n", 5000)
	for age, want := range []int{5000, 5000, 100, 100, 0} {
		if got := c.estimate(); math.Abs(float64(got-want)) > 250 {
			t.Errorf("age %d: estimated %d, want about %d", age, got, want)
		}
		c.age()
		if age == 0 || age == 1 {
			c.enterAll("m", 100)
		}
	}
}
