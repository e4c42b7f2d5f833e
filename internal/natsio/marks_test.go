package natsio

import (
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
)

// However copies are written and settled, each mark gets as many as were written with it, the
// first ones first.
func TestMarksAreSettledInTheOrderInWhichTheyWereWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var q marks
	var written, settled []uint32 // a mark for each copy
	take := func(n int) {
		q.take(n, pipeline.Confirmed, &bundles{}, func(f pipeline.Fate, all []pipeline.Marked) {
			for _, m := range all {
				settled = append(settled, slices.Repeat([]uint32{m.Mark}, int(m.Copies))...)
			}
		})
	}
	for range 2000 {
		mark, n := uint32(random.IntN(3)), 1+random.IntN(5)
		b := &book{orders: []order{{serials("x", n), "payload"}}, mark: mark}
		b.publish(t, publisherFunc(func(e *pipeline.Egress) {
			from := cursor{copy: random.IntN(n)}
			q.note(e, from, n-from.copy)
			written = append(written, slices.Repeat([]uint32{mark}, n-from.copy)...)
		}))
		if random.IntN(3) == 0 {
			take(random.IntN(len(written) - len(settled) + 1))
		}
		if !slices.Equal(settled, written[:len(settled)]) {
			t.Fatal("in another order")
		}
	}
	take(len(written) - len(settled))
	if !slices.Equal(settled, written) || len(q.all) > q.head {
		t.Errorf("%d of %d are settled", len(settled), len(written))
	}
}

// The copies of a denied bundle are told apart, and only when their turn has come.
func TestDeniedBundlesAreToldApart(t *testing.T) {
	b := &bundles{}
	b.add(bundle{subject: maphash.String(subjectSeed, "a.b"), mark: 7, copies: 3, end: 3})
	b.deny("a.b")
	q := marks{all: []pipeline.Marked{{Mark: 6, Copies: 2}, {Mark: 7, Copies: 5}}}
	got := map[pipeline.Fate]map[uint32]uint32{pipeline.Confirmed: {}, pipeline.Denied: {}}
	note := func(f pipeline.Fate, all []pipeline.Marked) {
		for _, m := range all {
			got[f][m.Mark] += m.Copies
		}
	}
	q.take(2, pipeline.Confirmed, b, note)
	if len(got[pipeline.Denied]) > 0 {
		t.Errorf("too early: %v", got)
	}
	q.take(5, pipeline.Confirmed, b, note)
	if got[pipeline.Confirmed][6] != 2 || got[pipeline.Confirmed][7] != 2 || got[pipeline.Denied][7] != 3 {
		t.Errorf("%v", got)
	}
}
