package pool

import (
	"fmt"
	"testing"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

var classSizes = []int{4 * kib, 16 * kib, 64 * kib, 256 * kib, 1 * mib}

// roundedUp returns what must be charged for size bytes.
func roundedUp(size int) int {
	for _, class := range classSizes {
		if size <= class {
			return class
		}
	}
	whole := 0
	for whole < size {
		whole += mib
	}
	return whole
}

func TestGetLendsTheSmallestClassThatFits(t *testing.T) {
	for _, c := range []struct{ size, want int }{
		{0, 4 * kib},
		{1, 4 * kib},
		{4*kib - 1, 4 * kib},
		{4 * kib, 4 * kib},
		{4*kib + 1, 16 * kib},
		{8*kib + 1, 16 * kib},
		{16 * kib, 16 * kib},
		{16*kib + 1, 64 * kib},
		{64 * kib, 64 * kib},
		{64*kib + 1, 256 * kib},
		{256 * kib, 256 * kib},
		{256*kib + 1, 1 * mib},
		{1 * mib, 1 * mib},
		{1*mib + 1, 2 * mib},
		{2 * mib, 2 * mib},
		{2*mib + 1, 3 * mib},
		{9*mib - 1, 9 * mib},
	} {
		t.Run(fmt.Sprint(c.size), func(t *testing.T) {
			var p Pool
			for range 3 { // new and used memory
				b := p.Get(c.size)
				if len(b.B) != 0 || cap(b.B) != c.want || p.Lent() != int64(c.want) {
					t.Errorf("%d of %d bytes, %d lent; want 0 of %d", len(b.B), cap(b.B), p.Lent(), c.want)
				}
				b.B = b.B[:c.size]
				b.Release()
			}
			assertNothingLent(t, &p)
			if roundedUp(c.size) != c.want {
				t.Errorf("the model says %d", roundedUp(c.size))
			}
		})
	}
}

func TestNegativeSizePanics(t *testing.T) {
	var p Pool
	if got := mustPanic(t, func() { p.Get(-1) }); got != "pool: BUG: negative size" {
		t.Errorf("panics with %q", got)
	}
	assertNothingLent(t, &p)
}

// Whatever an owner leaves in B, all of its charge is taken back, and the next owner gets the room
// that it asks for.
func TestAnyMemoryMayReturn(t *testing.T) {
	for name, leave := range map[string]func(b []byte) []byte{
		"nothing":                     func([]byte) []byte { return nil },
		"appended past the capacity":  func(b []byte) []byte { return append(b, make([]byte, cap(b)+1)...) },
		"appended to the next class":  func(b []byte) []byte { return append(make([]byte, 0, 4*cap(b)), b...) },
		"appended past every class":   func(b []byte) []byte { return append(b, make([]byte, 5*mib)...) },
		"cut at the front":            func(b []byte) []byte { return b[:100][10:] },
		"cut to a smaller class":      func(b []byte) []byte { return b[:cap(b)][cap(b)-4*kib:] },
		"cut at the end of its room":  func(b []byte) []byte { return b[:10:10] },
		"another one, of class size":  func([]byte) []byte { return make([]byte, 64*kib) },
		"another one, of other size":  func([]byte) []byte { return make([]byte, 100*kib) },
		"another one, with few bytes": func([]byte) []byte { return make([]byte, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			var p Pool
			for _, size := range append(classSizes, 2*mib) {
				b := p.Get(size)
				b.B = leave(b.B)
				if p.Lent() != int64(size) {
					t.Errorf("%d bytes lent, want %d", p.Lent(), size)
				}
				b.Release()
				assertNothingLent(t, &p)
				assertClassesFit(t, &p)
			}
		})
	}
}

// assertClassesFit checks what the classes lend: a few times, because one may hold several buffers.
func assertClassesFit(t *testing.T, p *Pool) {
	t.Helper()
	for _, size := range classSizes {
		for range 3 {
			b := p.Get(size)
			defer b.Release()
			if len(b.B) != 0 || cap(b.B) != size {
				t.Errorf("the class of %d bytes lends %d of %d", size, len(b.B), cap(b.B))
			}
		}
	}
}

func assertNothingLent(t *testing.T, p *Pool) {
	t.Helper()
	if p.InUse() != 0 || p.Lent() != 0 {
		t.Errorf("%d buffers of %d bytes lent at the end", p.InUse(), p.Lent())
	}
}
