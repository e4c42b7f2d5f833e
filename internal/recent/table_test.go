package recent

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

// A table has the latest records, each under its hash, and no others.
func TestATableFindsWhatItHas(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tab := newTable(20)
	tab.marks = math.MaxUint32 - 500 // so that marks begin again
	var order []uint64               // hashes, the oldest first
	marks := map[uint64]uint32{}
	for range 3000 {
		hash := uint64(random.IntN(64)) * 32 // many in one bucket
		i := tab.find(hash)
		if _, known := marks[hash]; known != (i >= 0) {
			t.Fatalf("%d: found %d, known %v", hash, i, known)
		}
		if i >= 0 {
			if mark := tab.slots[i].mark; mark != marks[hash] || tab.marked(mark) != i {
				t.Fatalf("%d has mark %d, want %d", hash, mark, marks[hash])
			}
			continue
		}
		i = tab.add(hash)
		before := len(marks)
		for h, mark := range marks {
			if tab.marked(mark) < 0 {
				delete(marks, h)
			}
		}
		if before-len(marks) > 2 {
			t.Fatalf("%d are forgotten at once", before-len(marks))
		}
		marks[hash] = tab.slots[i].mark
		order = append(order, hash)
	}
	if len(marks) < 10 || tab.marked(0) >= 0 || len(order) < 1000 {
		t.Errorf("%d are known after %d", len(marks), len(order))
	}
}

// An arena gives back what was put in, and says of everything else that it is overwritten.
func TestAnArenaKeepsTheLatestPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	a := newArena(40 << 10)
	type entry struct {
		at, before uint64
		n          int
	}
	var all []entry
	before := nowhere
	for i := range 3000 {
		n := random.IntN(300)
		if i%50 == 0 {
			n = a.longest()
		}
		if n < 8 {
			n = 8
		}
		at, data := a.add(before, kind(i%5), n)
		for j := range data {
			data[j] = byte(i)
		}
		binary.LittleEndian.PutUint64(data, uint64(i))
		all = append(all, entry{at, before, n})
		before = at
		kept := 0
		for j := max(0, i-400); j <= i; j++ {
			e := all[j]
			if !a.kept(e.at) {
				if kept > 0 {
					t.Fatalf("piece %d is lost, and an older one is kept", j)
				}
				continue
			}
			kept += e.n
			b, k, data := a.get(e.at)
			if b != e.before || k != kind(j%5) || len(data) != e.n || binary.LittleEndian.Uint64(data) != uint64(j) || e.n > 8 && data[e.n-1] != byte(j) {
				t.Fatalf("piece %d: %d %d, %d bytes", j, b, k, len(data))
			}
		}
		if i > 1000 && kept < 20<<10 {
			t.Fatalf("only %d bytes are kept", kept)
		}
	}
	if len(a.segments) != a.most {
		t.Errorf("%d segments of %d", len(a.segments), a.most)
	}
}
