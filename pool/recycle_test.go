//go:build !pooldebug && !race

// The race detector makes sync.Pool forget now and then.

package pool

import "testing"

func TestGetAndReleaseAllocateNothingOnceWarm(t *testing.T) {
	var p Pool
	use := func() {
		b := p.Get(0)
		b.B = append(b.B, "some bytes"...)
		b.Retain().Release()
		b.Release()
	}
	use()
	if n := testing.AllocsPerRun(1000, use); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkGetRelease(b *testing.B) {
	var p Pool
	b.ReportAllocs()
	for b.Loop() {
		buffer := p.Get(0)
		buffer.B = append(buffer.B, "some bytes"...)
		buffer.Release()
	}
}

func BenchmarkGetReleaseParallel(b *testing.B) {
	var p Pool
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			buffer := p.Get(0)
			buffer.Retain().Release()
			buffer.Release()
		}
	})
}
