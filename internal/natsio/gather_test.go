package natsio

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// gathered takes e apart as writing does, and returns what would be written, by write, and how many
// copies were too large.
func gathered(t *testing.T, e *pipeline.Egress, maxPayload int) (writes [][]byte, refused int) {
	t.Helper()
	var g gather
	for at := (cursor{}); !at.end(e); {
		g.reset()
		err := g.add(e, at, maxPayload)
		out := bytes.Join(g.vec, nil)
		checkBegins(t, &g, out)
		if len(out) > 0 {
			writes = append(writes, out)
		}
		if len(g.begins) == 0 && err == nil {
			t.Fatal("nothing gathered, and no reason")
		}
		at.advance(e, len(g.begins))
		if errors.Is(err, errTooLarge) {
			refused += at.skip(e)
		}
	}
	return writes, refused
}

// checkBegins checks the places where copies begin in what is to be written.
func checkBegins(t *testing.T, g *gather, out []byte) {
	t.Helper()
	if g.bytes < socket.WriteSize && g.bytes != len(out) {
		t.Fatalf("%d bytes gathered, %d counted", len(out), g.bytes)
	}
	for i, at := range g.begins {
		end := len(out)
		if i+1 < len(g.begins) {
			end = g.begins[i+1]
		}
		frame := out[at:end]
		if !bytes.HasPrefix(frame, []byte("PUB s")) || !bytes.HasSuffix(frame, []byte("\r\n")) {
			t.Fatalf("copy %d is %.40q", i, frame)
		}
		if g.copies(at) != i || g.copies(at+1) != i+1 || g.copies(end) != i+1 {
			t.Fatalf("%d bytes have a part of %d copies, want %d", at, g.copies(at), i)
		}
	}
}

func TestWhatIsGatheredIsEveryCopyInOrder(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		b := &book{orders: randomOrders(random)}
		var got []byte
		b.publish(t, publisherFunc(func(e *pipeline.Egress) {
			writes, _ := gathered(t, e, math.MaxInt)
			got = append(got, bytes.Join(writes, nil)...)
		}))
		if want := strings.Join(framesOf(b.orders), ""); string(got) != want {
			t.Fatalf("seed %d: %d bytes, want %d", seed, len(got), len(want))
		}
	}
}

func TestPayloadsThatAreTooLargeAreLeftOut(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		b := &book{orders: randomOrders(random)}
		most := random.IntN(300)
		var want, got strings.Builder
		tooLarge, refused := 0, 0
		for _, o := range b.orders {
			if len(o.payload) > most {
				tooLarge += len(o.subjects)
				continue
			}
			want.WriteString(strings.Join(o.frames(), ""))
		}
		b.publish(t, publisherFunc(func(e *pipeline.Egress) {
			writes, n := gathered(t, e, most)
			refused += n
			got.Write(bytes.Join(writes, nil))
		}))
		if got.String() != want.String() || refused != tooLarge {
			t.Fatalf("seed %d: %d bytes, want %d; %d refused, want %d", seed, got.Len(), want.Len(), refused, tooLarge)
		}
	}
}

// piecesOf returns how many pieces the first write of one batch of orders has, and its bytes.
func piecesOf(t *testing.T, orders ...order) (n, size int) {
	t.Helper()
	b := &book{orders: orders}
	var g gather
	b.publish(t, publisherFunc(func(e *pipeline.Egress) {
		if g.laid != nil {
			return
		}
		g.reset()
		if err := g.add(e, cursor{}, math.MaxInt); err != nil {
			t.Error(err)
		}
		n, size = len(g.vec), len(bytes.Join(g.vec, nil))
	}))
	return n, size
}

func TestWritesHaveFewPieces(t *testing.T) {
	one := order{[]string{"s.one"}, "small"}
	many := order{serials("s.many", 100), "small"}
	large := order{serials("s.large", 10), strings.Repeat("x", shareFrom)}
	for name, c := range map[string]struct {
		orders []order
		want   int
	}{
		"framed messages side by side":        {[]order{one, one, one, one, one}, 1},
		"a small payload for many":            {[]order{many}, 1},
		"a large payload for many":            {[]order{large}, 2 * 10},
		"a large payload for one":             {[]order{{[]string{"s.one"}, large.payload}}, 1},
		"small ones for many, side by side":   {[]order{many, many}, 1},
		"framed ones around a small for many": {[]order{one, one, many, one, one}, 3},
	} {
		if n, _ := piecesOf(t, c.orders...); n != c.want {
			t.Errorf("%s: %d pieces, want %d", name, n, c.want)
		}
	}
}

func TestAWriteIsBounded(t *testing.T) {
	for _, size := range []int{0, 100, shareFrom - 1, shareFrom, 100_000} {
		_, n := piecesOf(t, order{serials("s.many", 30_000), strings.Repeat("x", size)})
		if most := socket.WriteSize + size + 100; n > most || n < socket.WriteSize/4 {
			t.Errorf("payloads of %d: a write of %d bytes", size, n)
		}
	}
}
