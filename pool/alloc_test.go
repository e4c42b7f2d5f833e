//go:build !pooldebug && !race

// The race detector makes sync.Pool forget things, and with pooldebug no memory is used again.

package pool

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
)

// mustNotAllocate fails unless use allocates nothing once it has run. There is no garbage collector
// meanwhile, because that empties pools.
func mustNotAllocate(t *testing.T, use func()) {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if n := testing.AllocsPerRun(1000, use); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestGetAndReleaseAllocateNothingOnceWarm(t *testing.T) {
	for _, size := range classSizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			var p Pool
			mustNotAllocate(t, func() {
				b := p.Get(size)
				b.B = append(b.B, "some bytes"...)
				b.Retain().Release()
				b.Release()
			})
		})
	}
}

func TestGrowWithinTheClassesAllocatesNothingOnceWarm(t *testing.T) {
	var p Pool
	mustNotAllocate(t, func() {
		b := p.Get(0)
		for _, size := range classSizes {
			b.Grow(size - len(b.B))
			b.B = b.B[:size]
		}
		b.Release()
	})
}

func TestAppendAfterGrowAllocatesNothing(t *testing.T) {
	var p Pool
	message := make([]byte, 3000)
	mustNotAllocate(t, func() {
		b := p.Get(0)
		for range 300 {
			b.Grow(len(message))
			b.B = append(b.B, message...)
		}
		b.Release()
	})
}

func TestWaitWithRoomAllocatesNothing(t *testing.T) {
	var p Pool
	b := p.Get(0)
	mustNotAllocate(t, func() {
		if err := p.WaitForRoom(t.Context(), 1, 1<<30); err != nil {
			t.Error(err)
		}
	})
	b.Release()
}

// bytebufferpool chooses its sizes anew after 42000 buffers. It must not choose small ones because
// there were few bytes in them.
func TestClassesKeepTheirMemoryForEver(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, size := range classSizes {
		var p Pool
		for range 100_000 {
			b := p.Get(size)
			b.B = append(b.B, "few"...)
			b.Release()
		}
		if n := testing.AllocsPerRun(1000, func() { p.Get(size).Release() }); n != 0 {
			t.Errorf("%d bytes: %v allocations", size, n)
		}
	}
}

// steady keeps sync.Pool from forgetting: with one processor and without a garbage collector it
// finds what was put there.
func steady(t *testing.T) {
	processors, percent := runtime.GOMAXPROCS(1), debug.SetGCPercent(-1)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(processors)
		debug.SetGCPercent(percent)
	})
}

// startOf returns where the memory of b begins.
func startOf(b []byte) *byte { return &b[:1][0] }

func TestAppendedMemoryOfClassSizeIsLentAgain(t *testing.T) {
	steady(t)
	var p Pool
	b := p.Get(0)
	b.B = append(make([]byte, 0, 64*kib), "some bytes"...)
	want := startOf(b.B)
	b.Release()
	next := p.Get(64 * kib)
	defer next.Release()
	if startOf(next.B) != want {
		t.Error("the class lends other memory")
	}
}

// The end of larger memory fits a small class, which would then hold on to all of it.
func TestEndOfLargerMemoryIsNotLentAgain(t *testing.T) {
	steady(t)
	var p Pool
	b := p.Get(64 * kib)
	b.B = b.B[60*kib : 60*kib]
	cut := startOf(b.B)
	b.Release()
	next := p.Get(0)
	defer next.Release()
	if startOf(next.B) == cut {
		t.Error("a part of 64 KiB became 4 KiB")
	}
}
