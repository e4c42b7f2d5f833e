package socket

import (
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
)

// piecemealConn brings data in reads of the given sizes, again and again, then EOF.
type piecemealConn struct {
	net.Conn
	data  string
	sizes []byte // each less one
	reads int
}

func (c *piecemealConn) Read(p []byte) (int, error) {
	if c.data == "" {
		return 0, io.EOF
	}
	size := len(p)
	if len(c.sizes) > 0 {
		size = min(size, 1+int(c.sizes[c.reads%len(c.sizes)]))
		c.reads++
	}
	n := copy(p[:size], c.data)
	c.data = c.data[n:]
	return n, nil
}

// pingsOf makes a byte the PINGs under way: a bit of 1 is one of ours.
func pingsOf(bits byte) string {
	var b strings.Builder
	for i := range 8 {
		b.WriteByte("no"[bits>>i&1])
	}
	return b.String()
}

// However the bytes are cut, the same messages and the same bytes for nats.go come out, and no
// buffer is kept.
func FuzzFramed(f *testing.F) {
	sent, _ := allPieces()
	f.Add([]byte(sent), []byte{6}, byte(0b101))
	f.Add([]byte(stream), []byte{0, 2, 30}, byte(0))
	for _, attack := range slices.Sorted(maps.Keys(hostile)) {
		if len(attack) < 1000 {
			f.Add([]byte("MSG in f1 2\r\nhi\r\n"+attack+"PING\r\n"), []byte{4, 0}, byte(0xff))
		}
	}
	f.Fuzz(func(t *testing.T, in, sizes []byte, pings byte) {
		whole := readThrough(&piecemealConn{data: string(in)}, 64<<10, pingsOf(pings))
		cut := readThrough(&piecemealConn{data: string(in), sizes: sizes}, 1+len(in)%100, pingsOf(pings))
		if !whole.same(cut) {
			t.Fatalf("whole: %+v\ncut: %+v", whole, cut)
		}
		if whole.lent != 0 || cut.lent != 0 {
			t.Fatalf("%d and %d buffers lent", whole.lent, cut.lent)
		}
		checkParts(t, string(in), whole)
	})
}

// checkParts checks that each part of o stands in what was sent, in order.
func checkParts(t *testing.T, sent string, o outcome) {
	t.Helper()
	rest := sent
	for _, m := range o.messages {
		_, after, ok := strings.Cut(rest, m+"\r\n")
		if !ok {
			t.Fatalf("message %q was not sent then", m)
		}
		rest = after
	}
	size := len(o.foreign)
	for _, m := range o.messages {
		size += len(m)
	}
	if size > len(sent) {
		t.Fatalf("%d bytes out of %d", size, len(sent))
	}
}

func TestShuffledPiecesComeThrough(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		var sent string
		var want outcome
		for range 40 {
			p := pieces[random.IntN(len(pieces))]
			if strings.Contains(strings.ToUpper(p.sent[:4]), "PONG") || strings.HasPrefix(p.sent, "-ERR") {
				continue // depend on what was before
			}
			sent += p.sent
			if want.foreign += p.foreign; p.foreign == "" {
				want.messages = append(want.messages, p.message)
			}
			if p.sent[0]|0x20 == 'h' && p.foreign == "" {
				want.headers++
			}
		}
		want.err = errEOF
		sizes := []byte{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())}
		got := readThrough(&piecemealConn{data: sent, sizes: sizes}, 1+random.IntN(500), "")
		if !got.same(want) || got.lent != 0 {
			t.Fatalf("seed %d: %+v\nwant %+v", seed, got, want)
		}
	}
}
