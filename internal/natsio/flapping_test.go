package natsio

import (
	"context"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// mortalConn breaks once it has carried so many bytes, in either direction, in the middle of
// whatever it carries then.
type mortalConn struct {
	net.Conn
	left atomic.Int64
}

func (c *mortalConn) Write(p []byte) (int, error) {
	if left := c.left.Add(int64(-len(p))); left < 0 {
		n, _ := c.Conn.Write(p[:max(0, len(p)+int(left))])
		c.Conn.Close()
		return n, net.ErrClosed
	}
	return c.Conn.Write(p)
}

func (c *mortalConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.left.Add(int64(-n)) < 0 {
		c.Conn.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

// mortal has all connections of e break early: the login alone needs some hundred bytes, either
// way.
func mortal(e *link.Endpoint) *link.Endpoint {
	e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := socket.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &mortalConn{Conn: conn}
		c.left.Store(30_000 + rand.Int64N(70_000))
		return c, nil
	}
	return e
}

// What is confirmed has been delivered, what has been delivered is confirmed or in doubt, and
// nothing came twice.
func TestTheBooksAreRightOverAnUnreliableNetwork(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		const messages, copies = 100, 20
		s := natstest.Start(t, embedded.Options{})
		nc := natstest.Client(t, s.ClientURL())
		seen := make(chan *nats.Msg, messages*copies*2)
		sub, err := nc.ChanSubscribe("a.>", seen)
		natstest.Succeeds(t, err)
		natstest.Succeeds(t, nc.Flush())
		f := newFeeder(time.Hour)
		f.size = 100
		stop := attend(t, f, mortal(via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL())))))
		subjects := serials("a", messages*copies)
		for i := range messages {
			f.feed(subjects[i*copies : (i+1)*copies]...)
			if i%10 == 9 {
				natstest.Eventually(t, "everything has its fate", func() bool { return f.InDoubt() == 0 })
			}
		}
		books := f.end(t)
		stop()
		natstest.Succeeds(t, nc.Flush())
		// Bytes of a dead connection may still be on their way through the server.
		natstest.Succeeds(t, sub.Unsubscribe())
		close(seen)
		delivered := map[string]bool{}
		for m := range seen {
			if delivered[m.Subject] {
				t.Fatalf("%s came twice", m.Subject)
			}
			delivered[m.Subject] = true
		}
		confirmed, unconfirmed := books.Fate(pipeline.Confirmed), books.Fate(pipeline.Unconfirmed)
		if n := int64(len(delivered)); n < confirmed || n > confirmed+unconfirmed || confirmed+unconfirmed != messages*copies {
			t.Errorf("%d delivered: %s", n, books.String())
		}
		if confirmed == 0 || unconfirmed == 0 {
			t.Errorf("not what this test is about: %s", books.String())
		}
	})
}
