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

// nodes are n subjects of 26 bytes, the list of a client that sorts or the list of one that does not.
func nodes(n int, sorted bool) (subjects []string) {
	for i := range n {
		subjects = append(subjects, fmt.Sprintf("mcollective.node.web%06d", i))
	}
	if !sorted {
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { subjects[i], subjects[j] = subjects[j], subjects[i] })
	}
	return subjects
}

// repetitions is countSorted and count, slow and obvious.
func repetitions(subjects []string) (n int) {
	seen := map[string]bool{}
	for _, s := range subjects {
		if seen[s] {
			n++
		}
		seen[s] = true
	}
	return n
}

func TestDuplicatesAreCountedInListsOfAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	d := duplicates{seed: maphash.MakeSeed()}
	for round := range 2000 {
		if round%10 == 5 { // positions are about to wrap around, to those of messages that the table still knows
			d.base = max(d.base, math.MaxUint32-100)
		}
		subjects := nodes(1+random.IntN(100), round%2 == 0)
		for range random.IntN(50) {
			subjects[random.IntN(len(subjects))] = subjects[random.IntN(len(subjects))]
		}
		if round%3 == 0 {
			slices.Sort(subjects)
		}
		msg, targets := spans(subjects)
		want := repetitions(subjects)
		if got := d.count(msg, targets); got != want {
			t.Fatalf("round %d: %d repetitions, want %d in %q", round, got, want, subjects)
		}
		found, sorted := countSorted(msg, targets)
		if sorted != slices.IsSorted(subjects) || sorted && found != want {
			t.Fatalf("round %d: %d repetitions, sorted %v, want %d in %q", round, found, sorted, want, subjects)
		}
		if got := d.tooMany(msg, targets); got != (want > 10) {
			t.Fatalf("round %d: too many is %v for %d of %d", round, got, want, len(subjects))
		}
	}
}

// One target in a hundred may be named twice, and ten in short lists.
func TestTooManyDuplicatesAreAShareOfTheTargets(t *testing.T) {
	d := duplicates{seed: maphash.MakeSeed()}
	for _, c := range []struct{ targets, duplicates int }{{11, 10}, {12, 10}, {200, 10}, {1099, 10}, {1100, 11}, {10_000, 100}} {
		for _, sorted := range []bool{true, false} {
			subjects := nodes(c.targets, sorted)
			for i := 1; i <= c.duplicates; i++ {
				subjects[i] = subjects[0]
			}
			msg, targets := spans(subjects)
			if d.tooMany(msg, targets) {
				t.Errorf("%d duplicates are too many for %d targets", c.duplicates, c.targets)
			}
			if c.targets == 11 {
				continue
			}
			subjects[c.duplicates+1] = subjects[0]
			msg, targets = spans(subjects)
			if !d.tooMany(msg, targets) {
				t.Errorf("%d duplicates are not too many for %d targets", c.duplicates+1, c.targets)
			}
		}
	}
}

func TestCountingDuplicatesAllocatesOnlyToGrow(t *testing.T) {
	d := duplicates{seed: maphash.MakeSeed()}
	msg, targets := spans(nodes(1000, false))
	d.tooMany(msg, targets)
	if n := testing.AllocsPerRun(100, func() { d.tooMany(msg, targets); d.tooMany(msg, targets[:100]) }); n != 0 {
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
					if d.tooMany(msg, targets) {
						b.Fatal("duplicates")
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/target")
			})
		}
	}
}
