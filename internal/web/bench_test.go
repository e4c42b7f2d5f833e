package web

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/state"
)

// What one look at a request of 10,000 nodes costs, without what the source does for it.
func BenchmarkGrid(b *testing.B) {
	r := asked("r1", 10_000)
	for i := range 5000 {
		answer(&r, i)
	}
	w := watch{want: wanted{id: "r1"}}
	w.grid, _ = w.next(r)
	for b.Loop() {
		answer(&r, 5000) // else nothing has changed
		w.next(r)
		r.Answered = r.Answered[:5000]
	}
}

// What a second of sampling costs with nothing watched.
func BenchmarkSample(b *testing.B) {
	f := newFake("london")
	for range maxRequests {
		f.requests = append(f.requests, asked("0123456789abcdef0123456789abcdef", 1))
	}
	h := newHub([]state.Source{f})
	for b.Loop() {
		h.update(h.read())
	}
}
