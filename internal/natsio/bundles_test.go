package natsio

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A bundled is a router that bundles all messages of a batch by their first target.
type bundled struct{}

func (bundled) Route(r *pipeline.Route) wire.Reason {
	r.Subjects = append(r.Subjects, r.Targets...)
	r.BundleAt(r.Targets[0])
	return wire.OK
}

func (bundled) Append(dst []byte, _ *pipeline.Route) ([]byte, wire.Reason) {
	panic("a bundle is not appended by itself")
}

func (bundled) Together(_, _ *pipeline.Bundled) bool { return true }

func (bundled) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	return fmt.Appendf(dst, "%d messages", len(all)), len(all)
}

// bundlesOf publishes bundles of so many copies, each to a subject of its own.
func bundlesOf(t *testing.T, p pipeline.Publisher, copies ...int) {
	t.Helper()
	b := &book{router: bundled{}}
	for i, n := range copies {
		for range n {
			b.orders = append(b.orders, order{payload: "x", subjects: []string{fmt.Sprint("s", i)}})
		}
	}
	b.publish(t, p)
}

// The kernel may take a part of what is written. Of a bundle it then has all copies, or none.
func TestAPartOfABundleIsAllOfIt(t *testing.T) {
	bundlesOf(t, publisherFunc(func(e *pipeline.Egress) {
		var g gather
		g.reset()
		if err := g.add(e, cursor{}, math.MaxInt); err != nil {
			t.Fatal(err)
		}
		first := len("PUB s0 10\r\n3 messages\r\n")
		if out := bytes.Join(g.vec, nil); len(out) != first+len("PUB s1 10\r\n2 messages\r\n") {
			t.Fatalf("written: %q", out)
		}
		for n, want := range map[int]int{0: 0, 1: 3, first: 3, first + 1: 5, g.bytes: 5} {
			if got := g.copies(n); got != want {
				t.Errorf("%d bytes hold a part of %d copies, want %d", n, got, want)
			}
		}
	}), 3, 2)
}

func TestADenialOfABundleIsThatOfAllItsCopies(t *testing.T) {
	bundlesOf(t, publisherFunc(func(e *pipeline.Egress) {
		var b bundles
		beside := func(want int) {
			t.Helper()
			if got := b.deniedBeside(); got != want {
				t.Errorf("%d copies denied beside others, want %d", got, want)
			}
		}
		b.note(e, cursor{}, 5, 100) // the first two
		b.deny("s1")
		beside(1)
		b.deny("s1") // a frame that is no bundle
		beside(1)
		b.forget(103)
		b.deny("s0") // of which the server has answered for the first already
		beside(1)
		b.deny("s2") // before it is entered
		beside(1)
		b.note(e, cursor{message: 2}, 7, 105)
		beside(7)
		b.forget(112)
		if len(b.inDoubt)+len(b.early) > 0 {
			t.Errorf("%v and %v are left", b.inDoubt, b.early)
		}
	}), 3, 2, 7)
}
