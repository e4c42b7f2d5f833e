package socket

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
)

// A stormConn has always more to read.
type stormConn struct {
	net.Conn
	frame string
	at    int
}

func (c *stormConn) Read(p []byte) (n int, _ error) {
	for n < len(p) {
		k := copy(p[n:], c.frame[c.at:])
		c.at = (c.at + k) % len(c.frame)
		n += k
	}
	return n, nil
}

// A gatherer notes how many bytes of messages each batch brings.
type gatherer struct {
	sink
	sizes ReadSizes
	bytes []int
}

func (g *gatherer) ReadSizes() ReadSizes { return g.sizes }

func (g *gatherer) Deliver(_ context.Context, b *pipeline.Batch) {
	n := 0
	for i := range b.Messages {
		n += len(b.Payload(i))
	}
	g.bytes = append(g.bytes, n)
	b.Free()
}

// Who gathers what one read brings wants reads that bring much.
func TestAStormIsReadInBuffersOfTheSizeWanted(t *testing.T) {
	for _, sizes := range []ReadSizes{ShortReads, LongReads} {
		g := &gatherer{sizes: sizes}
		frame := "MSG in f1 4000\r\n" + strings.Repeat("x", 4000) + "\r\n"
		c := framedConn(&stormConn{frame: strings.Repeat(frame, 400) + "PING\r\n"}, g)
		p := make([]byte, 100)
		for range 4 {
			if _, err := c.Read(p); err != nil {
				t.Fatal(err)
			}
		}
		c.Release()
		first, last := g.bytes[0], 0
		for _, n := range g.bytes {
			last = max(last, n)
		}
		if first > sizes.Usual || first < sizes.Usual*8/10 || last > sizes.Storm || last < sizes.Storm*8/10 {
			t.Errorf("%+v: the first batch has %d bytes, the largest %d", sizes, first, last)
		}
	}
}
