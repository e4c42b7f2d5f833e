package pool

import (
	"fmt"
	"testing"
)

func BenchmarkGetRelease(b *testing.B) {
	for _, size := range classSizes {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			var p Pool
			b.ReportAllocs()
			for b.Loop() {
				buffer := p.Get(size)
				buffer.B = append(buffer.B, "some bytes"...)
				buffer.Release()
			}
		})
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

func BenchmarkGrowWithRoom(b *testing.B) {
	var p Pool
	buffer := p.Get(0)
	defer buffer.Release()
	b.ReportAllocs()
	for b.Loop() {
		buffer.Grow(1000)
	}
}

func BenchmarkWaitWithRoom(b *testing.B) {
	var p Pool
	defer p.Get(0).Release()
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if err := p.WaitForRoom(ctx, 4<<10, 64<<20); err != nil {
			b.Fatal(err)
		}
	}
}
