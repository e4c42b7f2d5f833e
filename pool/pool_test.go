package pool

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

// mustPanic runs f and returns what it panics with.
func mustPanic(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		r := recover()
		if r == nil {
			t.Error("no panic")
		}
		message = fmt.Sprint(r)
	}()
	f()
	return
}

func TestBufferIsInUseUntilItsLastOwnerReleasesIt(t *testing.T) {
	for owners := 1; owners <= 5; owners++ {
		var p Pool
		b := p.Get(0)
		for range owners - 1 {
			if b.Retain() != b {
				t.Fatal("Retain returns another buffer")
			}
		}
		for i := range owners {
			if p.InUse() != 1 {
				t.Errorf("%d owners, %d gone: InUse is %d", owners, i, p.InUse())
			}
			b.Release()
		}
		if p.InUse() != 0 {
			t.Errorf("%d owners, all gone: InUse is %d", owners, p.InUse())
		}
	}
}

func TestGetLendsEmptyBuffers(t *testing.T) {
	var p Pool
	for range 100 {
		b := p.Get(0)
		if len(b.B) != 0 {
			t.Fatalf("a buffer starts with %d bytes", len(b.B))
		}
		b.B = append(b.B, "left behind"...)
		b.Release()
	}
}

func TestBuffersLentAtOnceShareNoMemory(t *testing.T) {
	var p Pool
	buffers := make([]*Buffer, 50)
	for i := range buffers {
		buffers[i] = p.Get(0)
		buffers[i].B = append(buffers[i].B, bytes.Repeat([]byte{byte(i)}, 100)...)
	}
	if p.InUse() != 50 {
		t.Errorf("InUse is %d", p.InUse())
	}
	for i, b := range buffers {
		if !bytes.Equal(b.B, bytes.Repeat([]byte{byte(i)}, 100)) {
			t.Errorf("buffer %d holds %v", i, b.B)
		}
		b.Release()
	}
	if p.InUse() != 0 {
		t.Errorf("InUse is %d at the end", p.InUse())
	}
}

func TestReleaseTooManyPanics(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.Release()
	if got := mustPanic(t, b.Release); got != "pool: BUG: Release of a buffer that was returned" {
		t.Errorf("panics with %q", got)
	}
	if p.InUse() != 0 {
		t.Errorf("InUse is %d", p.InUse())
	}
}

func TestRetainOfReturnedBufferPanics(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.Release()
	if got := mustPanic(t, func() { b.Retain() }); got != "pool: BUG: Retain of a buffer that was returned" {
		t.Errorf("panics with %q", got)
	}
}

func TestPoolWorksAfterAPanic(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.Release()
	mustPanic(t, b.Release)
	mustPanic(t, func() { b.Retain() })
	for range 10 {
		b := p.Get(0)
		b.Retain().Release()
		b.Release()
	}
	if p.InUse() != 0 {
		t.Errorf("InUse is %d", p.InUse())
	}
}

func TestOwnersReleaseConcurrently(t *testing.T) {
	const lenders, owners, rounds = 4, 3, 300
	var p Pool
	var all sync.WaitGroup
	for lender := range lenders {
		all.Go(func() {
			want := bytes.Repeat([]byte{byte(lender)}, 64)
			var readers sync.WaitGroup
			for range rounds {
				b := p.Get(0)
				b.B = append(b.B, want...)
				for range owners {
					b.Retain()
					readers.Go(func() {
						defer b.Release()
						if !bytes.Equal(b.B, want) {
							t.Error("a reader sees the bytes of another buffer")
						}
					})
				}
				b.Release()
			}
			readers.Wait()
		})
	}
	all.Wait()
	if p.InUse() != 0 {
		t.Errorf("InUse is %d", p.InUse())
	}
}
