package pool

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

func TestGrowMakesRoom(t *testing.T) {
	for _, c := range []struct{ size, used, n, want int }{
		{0, 0, 0, 4 * kib},
		{0, 10, -1, 4 * kib},
		{0, 0, 4 * kib, 4 * kib},
		{0, 1, 4*kib - 1, 4 * kib},
		{0, 1, 4 * kib, 16 * kib},
		{0, 4 * kib, 1, 16 * kib},
		{0, 4 * kib, 100 * kib, 256 * kib},
		{64 * kib, 10, 64 * kib, 256 * kib},
		{1 * mib, 1 * mib, 1, 2 * mib},
		{1 * mib, 100, 5 * mib, 6 * mib},
		{3 * mib, 100, 2 * mib, 3 * mib},
		{3 * mib, 100, 3 * mib, 4 * mib},
	} {
		t.Run(fmt.Sprintf("%d of %d and %d", c.used, c.size, c.n), func(t *testing.T) {
			var p Pool
			b := p.Get(c.size)
			old := bytes.Repeat([]byte("abc"), c.used/3+1)[:c.used]
			b.B = append(b.B, old...)
			b.Grow(c.n)
			if cap(b.B) != c.want || p.Lent() != int64(c.want) || p.InUse() != 1 {
				t.Errorf("capacity %d, %d lent in %d; want %d", cap(b.B), p.Lent(), p.InUse(), c.want)
			}
			if !bytes.Equal(b.B, old) {
				t.Error("other bytes than before")
			}
			b.Release()
			assertNothingLent(t, &p)
			assertClassesFit(t, &p)
		})
	}
}

// An owner that has replaced the memory is charged for what Grow gives it, even if that is less
// than before.
func TestGrowChargesWhatItLends(t *testing.T) {
	var p Pool
	b := p.Get(mib)
	b.B = b.B[:2:2]
	b.Grow(5 * kib)
	if p.Lent() != 16*kib || len(b.B) != 2 {
		t.Errorf("%d lent, %d bytes", p.Lent(), len(b.B))
	}
	b.Release()
	assertNothingLent(t, &p)
}

func TestGrowAfterAnAppendPastTheCapacityKeepsTheBytes(t *testing.T) {
	var p Pool
	b := p.Get(0)
	want := bytes.Repeat([]byte("0123456789"), 1000)
	b.B = append(b.B, want...)
	b.Grow(20 * kib)
	if !bytes.Equal(b.B, want) || p.Lent() != 64*kib {
		t.Errorf("%d bytes, %d lent", len(b.B), p.Lent())
	}
	b.Release()
	assertNothingLent(t, &p)
}

func TestGrowPanicsUnlessThereIsOneOwner(t *testing.T) {
	const want = "pool: BUG: Grow of a buffer that does not have one owner"
	var p Pool
	b := p.Get(0)
	b.Retain()
	if got := mustPanic(t, func() { b.Grow(1) }); got != want {
		t.Errorf("two owners: panics with %q", got)
	}
	b.Release()
	b.Grow(1)
	b.Release()
	if got := mustPanic(t, func() { b.Grow(1) }); got != want {
		t.Errorf("no owner: panics with %q", got)
	}
	assertNothingLent(t, &p)
}

func TestGrowBeyondAllMemoryPanicsAndChangesNothing(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.B = append(b.B, "some bytes"...)
	for _, n := range []int{math.MaxInt, math.MaxInt - len(b.B)} {
		mustPanic(t, func() { b.Grow(n) })
	}
	if string(b.B) != "some bytes" || p.Lent() != 4*kib {
		t.Errorf("%q, %d lent", b.B, p.Lent())
	}
	b.Release()
	assertNothingLent(t, &p)
}
