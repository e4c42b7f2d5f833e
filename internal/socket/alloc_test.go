//go:build !pooldebug && !race

// The race detector makes sync.Pool forget now and then, and with pooldebug nothing is used again.

package socket

import (
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// allocates counts what use allocates once it has run. Without a garbage collector: it empties
// pools.
func allocates(use func()) float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	return testing.AllocsPerRun(50, use)
}

// endlessConn brings the same text again and again.
type endlessConn struct {
	net.Conn
	text string
	at   int
}

func (c *endlessConn) Read(p []byte) (n int, _ error) {
	for n < len(p) {
		k := copy(p[n:], c.text[c.at:])
		c.at = (c.at + k) % len(c.text)
		n += k
	}
	return n, nil
}

// forgetter is a receiver that frees what it gets.
type forgetter struct {
	pool     pool.Pool
	messages int
	sizes    ReadSizes
}

func (r *forgetter) Room(n int) *pool.Buffer { return r.pool.Get(n) }

func (r *forgetter) Wait(ctx context.Context, own, n int) error {
	return r.pool.WaitToReplace(ctx, int64(own), int64(n), 64<<20)
}

func (r *forgetter) Deliver(ctx context.Context, b *pipeline.Batch) {
	r.messages += len(b.Messages)
	b.Free()
}

func (r *forgetter) Stripped() {}

func (r *forgetter) ReadSizes() ReadSizes { return r.sizes }

func TestReceivingAllocatesNothingOnceWarm(t *testing.T) {
	for _, size := range []int{40, 200, 1800, 20_000} {
		payload := strings.Repeat("x", size)
		text := strings.Repeat(fmt.Sprintf("MSG in f1 %d\r\n%s\r\n", size, payload), 64) + "PING\r\n"
		r := forgetter{sizes: ShortReads}
		c := framedConn(&endlessConn{text: text}, &r)
		p := make([]byte, 32<<10)
		read := func() {
			if n, err := c.Read(p); n == 0 || err != nil {
				t.Fatal(n, err)
			}
		}
		for range 10 {
			read()
		}
		if n := allocates(read); n != 0 || r.messages < 600 {
			t.Errorf("payloads of %d: %v allocations a read, %d messages", size, n, r.messages)
		}
		c.Release()
	}
}
