package report

import (
	"math"
	"slices"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A verdict says whether the second of two sides is better than the first, in one figure. A side is
// the values that the repetitions of one relay gave. Machines are noisy: from one run to the next a
// figure changes by 10 % on a good day, and by a factor of four on a bad one. So a verdict takes
// three things:
//
//   - Three repetitions on each side, in turns. What slows the machine down for a minute then slows
//     down both sides.
//   - Ranges that do not overlap, and medians that are further apart than either range is wide.
//   - A difference of 5 %, but for counts of faults. So much can come from how a program happens to
//     lie in memory. In a series in which one relay took part twice, also a larger difference than
//     that of those two.
//
// The rule makes no assumption about how noise is distributed. A rank test such as that of Mann and
// Whitney makes none either, but with three repetitions on each side its least possible p is 0.1,
// so it could never say anything; and people have no patience for many more.
//
// Tried on seven recorded rounds, relays against themselves, the rule was wrong for one of 354
// figures where three rounds of each side were in turns, and for five of 354 where they were not.
// The rounds were benchmarks/baseline.json of commit d1504da: make bench BENCH_ROUNDS=7 of the
// relay 95f720f, on two cores of an AMD EPYC.
const (
	leastRepetitions = 3
	leastDifference  = 0.05
)

// What a verdict may be.
const (
	cannotTell  = "cannot tell" // too few repetitions, or not in turns
	same        = "same"
	withinNoise = "within noise"
	better      = "better"
	worse       = "worse"
)

// verdict judges the second side, after. Both must have been measured in turns.
func (m *metric) verdict(before, after []float64) string {
	if len(before) < leastRepetitions || len(after) < leastRepetitions {
		return cannotTell
	}
	was, is := record.Median(before), record.Median(after)
	change := math.Abs(is - was)
	if change == 0 {
		return same
	}
	if overlap(before, after) || change < max(width(before), width(after)) || change < m.margin()*min(math.Abs(was), math.Abs(is)) {
		return withinNoise
	}
	if (is < was) == (m.better == less) {
		return better
	}
	return worse
}

func overlap(a, b []float64) bool {
	return slices.Max(a) >= slices.Min(b) && slices.Max(b) >= slices.Min(a)
}

func width(side []float64) float64 { return slices.Max(side) - slices.Min(side) }

// margin is the least difference that counts, as a share of the lesser value.
func (m *metric) margin() float64 {
	if m.unit == "" {
		return 0
	}
	return max(leastDifference, m.noise)
}

// verdictRule goes below every table of verdicts.
const verdictRule = `The verdict is on the second side. It takes three repetitions on each, measured in turns. Sides differ when their ranges (in
brackets) do not overlap and the medians are further apart than either range is wide and, but for faults, by 5 % at least.
`

// twinRule goes below verdictRule where one relay may have taken part twice.
const twinRule = `Where one relay took part twice, they are also further apart than those two.
`
