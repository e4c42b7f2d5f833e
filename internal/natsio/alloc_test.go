//go:build !pooldebug && !race

// The race detector makes sync.Pool forget now and then, and with pooldebug nothing is used again.

package natsio

import (
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// allocates counts what use allocates once it has run. Without a garbage collector: it empties pools.
func allocates(use func()) float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	return testing.AllocsPerRun(50, use)
}

// endlessConn brings the same text again and again, and forgets what is written.
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

func (c *endlessConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *endlessConn) SetWriteDeadline(time.Time) error { return nil }

// forgetter is a receiver that frees what it gets.
type forgetter struct {
	pool     pool.Pool
	messages int
}

func (r *forgetter) room(n int) *pool.Buffer { return r.pool.Get(n) }

func (r *forgetter) wait(ctx context.Context, own, n int) error {
	return r.pool.WaitToReplace(ctx, int64(own), int64(n), 64<<20)
}

func (r *forgetter) deliver(b *pipeline.Batch) {
	r.messages += len(b.Messages)
	b.Free()
}

func (r *forgetter) stripped() {}

func TestReceivingAllocatesNothingOnceWarm(t *testing.T) {
	for _, size := range []int{40, 200, 1800, 20_000} {
		payload := strings.Repeat("x", size)
		text := strings.Repeat(fmt.Sprintf("MSG in f1 %d\r\n%s\r\n", size, payload), 64) + "PING\r\n"
		var r forgetter
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
		c.release()
	}
}

func TestPublishingAllocatesNothingOnceWarm(t *testing.T) {
	for _, orders := range [][]order{
		{{serials("many", 200), strings.Repeat("x", 200)}},
		{{serials("many", 200), strings.Repeat("x", shareFrom-1)}},
		{{serials("large", 25), strings.Repeat("x", shareFrom)}},
		{{[]string{"one"}, "x"}, {[]string{"two"}, "y"}, {serials("many", 5), "z"}, {[]string{"last"}, "x"}},
	} {
		b := &book{orders: orders}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
		session := newSession(server{}, func(string) {})
		session.wire = framedConn(&endlessConn{}, nil)
		session.wire.maxPayload.Store(maxMaxPayload)
		session.wire.welcome.Store(true)
		p.use(newEpoch(p, session))
		b.publish(t, publisherFunc(func(e *pipeline.Egress) {
			e.Received = time.Now().Add(time.Hour)
			if n := allocates(func() { p.Publish(e) }); n != 0 {
				t.Errorf("%d orders: %v allocations", len(orders), n)
			}
		}))
	}
}
