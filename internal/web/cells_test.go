package web

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCellsSayWhoAnsweredAndWhoWasDenied(t *testing.T) {
	r := asked("r1", 4)
	r.Names = append(r.Names, "london.broadcast.agent.rpcutil") // no node in particular
	answer(&r, 1)
	answer(&r, 3)
	r.Denied = []string{r.Names[2], r.Names[3]}
	r.Answered = append(r.Answered, 12345, 12345)
	nodes := rollOf(&r)
	cells, others := nodes.cells(&r)
	want := []cell{cellWaiting, cellAnswered, cellDenied, cellAnswered}
	if !slices.Equal(cells, want) || others != 1 {
		t.Errorf("cells %v, %d others", cells, others)
	}
}

func TestCellsArePackedByFours(t *testing.T) {
	if got := pack([]cell{1, 0, 2, 1, 2}); !bytes.Equal(got, []byte{0b01100001, 0b10}) {
		t.Errorf("%b", got)
	}
}

// Whoever applies the changes to what was before has what is now.
func TestChangesLeadToTheNextCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		cells := rapid.SliceOfN(rapid.ByteRange(0, 2), n, n)
		before, after := cells.Draw(t, "before"), cells.Draw(t, "after")
		text := changes(before, after)
		at := 0
		for len(text) > 0 {
			v, size := binary.Uvarint(text)
			text = text[size:]
			at += int(v >> 2)
			before[at] = cell(v & 3)
		}
		if !bytes.Equal(before, after) {
			t.Errorf("%v instead of %v", before, after)
		}
	})
}

// The figures are those of the package comment.
func TestAWatchedRequestCostsFewBytes(t *testing.T) {
	const n = 10_000
	r := asked("r1", n)
	var w watch
	first, _ := w.next(r)
	w.grid = first
	if kept := 4*cap(first.marks) + cap(first.cells); kept > 6*n+n/2 {
		t.Errorf("%d bytes kept", kept)
	}
	if size := len(first.whole); size > n/4*4/3+600 {
		t.Errorf("a whole grid takes %d bytes", size)
	}
	for i := 0; i < n; i += 10 {
		answer(&r, i)
	}
	next, _ := w.next(r)
	if size := len(next.diff); size > n/10*2*4/3+600 {
		t.Errorf("1,000 changes take %d bytes", size)
	}
}

func TestAGridThatIsTheSameIsNotTold(t *testing.T) {
	r := asked("r1", 3)
	var w watch
	w.grid, _ = w.next(r)
	if _, changed := w.next(r); changed {
		t.Error("told twice")
	}
	answer(&r, 0)
	next, changed := w.next(r)
	if !changed || next.diff == nil {
		t.Fatal("an answer is not told")
	}
	w.grid = next
	if got := w.news(next.version); got != nil {
		t.Errorf("told to somebody who knows it: %s", got)
	}
	if got := w.news(next.version - 1); !bytes.Equal(got, next.diff) {
		t.Errorf("%s instead of the difference", got)
	}
	if got := w.news(0); !bytes.Equal(got, next.whole) {
		t.Errorf("%s instead of the whole", got)
	}
	other := asked("r2", 3)
	if next, _ := w.next(other); next.diff != nil {
		t.Error("a difference to another request")
	}
}
