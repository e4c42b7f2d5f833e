package natsio

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
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
	b.order(copies)
	b.publish(t, p)
}

// order adds orders for bundles of so many copies.
func (b *book) order(copies []int) {
	for i, n := range copies {
		for range n {
			b.orders = append(b.orders, order{payload: "x", subjects: []string{fmt.Sprint("s", i)}})
		}
	}
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

// However often writes fail, each bundle is written once, and its copies meet one fate together.
// One that is larger than the server takes by now is refused whole.
func TestBundlesAreWrittenOnceHoweverOftenWritesFail(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 100 {
		most := len("9 messages") + random.IntN(2)
		var copies []int
		var frames []string
		var written []int // copies of each frame
		refused := 0
		for i := range 1 + random.IntN(30) {
			n := 1 + random.IntN(12)
			copies = append(copies, n)
			payload := fmt.Sprint(n, " messages")
			if len(payload) > most {
				refused += n
				continue
			}
			frames = append(frames, fmt.Sprintf("PUB s%d %d\r\n%s\r\n", i, len(payload), payload))
			written = append(written, n)
		}
		all := len(strings.Join(frames, ""))
		b := &book{router: bundled{}}
		s := newShortConns(&b.ledger, most, func() int { return random.IntN(2 + all) })
		b.order(copies)
		b.publish(t, s)
		s.connecting.Wait()
		for i, conn := range s.conns {
			begun := 0
			for taken := string(conn.taken); taken != ""; frames, written = frames[1:], written[1:] {
				n := min(len(frames[0]), len(taken))
				if taken[:n] != frames[0][:n] {
					t.Fatalf("seed %d: connection %d has %.60q, want %.60q", seed, i, taken, frames[0])
				}
				taken, begun = taken[n:], begun+written[0]
			}
			if s.outboxes[i].written != begun {
				t.Fatalf("seed %d: connection %d has a part of %d copies, its books say %d", seed, i, begun, s.outboxes[i].written)
			}
		}
		s.end()
		books := b.ledger.Snapshot()
		if len(frames) > 0 || !books.Balanced() || books.Fates[pipeline.Refused][wire.TooLarge] != int64(refused) ||
			books.Fate(pipeline.Unconfirmed) != books.Copies-int64(refused) {
			t.Fatalf("seed %d: %d frames left, %d too large: %s", seed, len(frames), refused, books.String())
		}
	}
}
