package relay

import (
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// spans makes a message of subjects and says where they are.
func spans(subjects []string) (msg []byte, targets []wire.Span) {
	for _, s := range subjects {
		targets = append(targets, wire.Span{Off: uint32(len(msg)), Len: uint32(len(s))})
		msg = append(msg, s...)
	}
	return msg, targets
}

// nodes are n subjects of 26 bytes, the list of a client that sorts or the list of one that does
// not.
func nodes(n int, sorted bool) (subjects []string) {
	for i := range n {
		subjects = append(subjects, fmt.Sprintf("mcollective.node.web%06d", i))
	}
	if !sorted {
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { subjects[i], subjects[j] = subjects[j], subjects[i] })
	}
	return subjects
}

// distinct does what drop does, in a slow and obvious way.
func distinct(subjects []string) (left []string, first int) {
	seen := map[string]bool{}
	first = -1
	for i, s := range subjects {
		if !seen[s] {
			left = append(left, s)
		} else if first < 0 {
			first = i
		}
		seen[s] = true
	}
	return left, first
}

func texts(msg []byte, spans []wire.Span) (all []string) {
	for _, s := range spans {
		all = append(all, string(s.Of(msg)))
	}
	return all
}

func TestRepeatedSubjectsAreDroppedFromListsOfAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	d := duplicates{seed: maphash.MakeSeed()}
	for round := range 2000 {
		if round%10 == 5 { // positions are about to wrap around to old ones
			d.base = max(d.base, math.MaxUint32-100)
		}
		subjects := nodes(random.IntN(100), round%2 == 0)
		for range random.IntN(len(subjects) + 1) {
			subjects[random.IntN(len(subjects))] = subjects[random.IntN(len(subjects))]
		}
		if round%3 == 0 {
			slices.Sort(subjects)
		}
		msg, spans := spans(subjects)
		want, at := distinct(subjects)
		var again wire.Span
		if at >= 0 {
			again = spans[at]
		}
		left, first := d.drop(msg, spans)
		if got := texts(msg, spans[:left]); !slices.Equal(got, want) || first != again {
			t.Fatalf("round %d: left %q, %v, want %q, %v", round, got, first, want, again)
		}
	}
}

func TestDroppingDuplicatesAllocatesOnlyToGrow(t *testing.T) {
	d := duplicates{seed: maphash.MakeSeed()}
	msg, spans := spans(nodes(1000, false))
	d.drop(msg, spans)
	if n := testing.AllocsPerRun(100, func() { d.drop(msg, spans); d.drop(msg, spans[:100]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDuplicates(b *testing.B) {
	for _, n := range []int{200, 10_000} {
		for name, sorted := range map[string]bool{"sorted": true, "shuffled": false} {
			b.Run(fmt.Sprintf("targets=%d/%s", n, name), func(b *testing.B) {
				msg, targets := spans(nodes(n, sorted))
				d := duplicates{seed: maphash.MakeSeed()}
				b.ReportAllocs()
				for b.Loop() {
					if left, _ := d.drop(msg, targets); left < n {
						b.Fatal("duplicates")
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/target")
			})
		}
	}
}
