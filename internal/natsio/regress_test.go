package natsio

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
)

func TestMoreDenialsThanCopiesDoNotUpsetTheBooks(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			for {
				line, err := c.In.ReadString('\n')
				switch {
				case err != nil:
					return
				case strings.HasPrefix(line, "PING"):
					c.Send("PONG\r\n")
				case strings.HasPrefix(line, "PUB"):
					c.Send(strings.Repeat("-ERR 'Permissions Violation for Publish to \"a\"'\r\n", 10))
				}
			}
		})
		f := newFeeder(natstest.Patience)
		attend(t, f, via(portable, endpoint(t, "collective", natstest.Side("nats://"+address))))
		f.feed("a")
		f.feed("b", "c")
		if s := f.end(t); s.Fate(pipeline.Denied) != 3 || f.InDoubt() != 0 {
			t.Errorf("in doubt %d: %s", f.InDoubt(), s.String())
		}
	})
}

// nats.go holds its lock while a write is blocked; a look at the state of a link must not wait for
// that.
func TestStatusDoesNotWaitForAStalledServer(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			<-t.Context().Done() // reads nothing more
		})
		f := newFeeder(natstest.Patience)
		f.size = 1 << 20
		l := link.New(link.Config{Endpoint: via(portable, endpoint(t, "collective", natstest.Side("nats://"+address))), Name: "x", Handler: f})
		stop := runLink(t, l)
		natstest.Eventually(t, "connected", f.Up)
		f.feed(serials("a", 64)...)
		natstest.Eventually(t, "a write is blocked", func() bool { return f.lastOutboxBusy() })
		looked := make(chan struct{})
		go func() {
			defer close(looked)
			l.Status()
		}()
		select {
		case <-looked:
		case <-time.After(2 * time.Second):
			t.Error("Status waits for the server")
		}
		f.Abort()
		l.Cut()
		stop()
		f.end(t)
	})
}

// lastOutboxBusy reports whether the lane is in a write.
func (f *feeder) lastOutboxBusy() bool {
	o := f.inUse()
	if o == nil {
		return false
	}
	if o.mu.TryLock() {
		o.mu.Unlock()
		return false
	}
	return true
}

// inUse is the epoch that is written to, or about to hand over.
func (f *feeder) inUse() *outbox {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// On a move both connections exist for a while; what is written to the new one must not overtake
// the old one.
func TestAMoveKeepsTheOrder(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		nc := natstest.Client(t, s.ClientURL())
		seen := make(chan *nats.Msg, 1<<20)
		if _, err := nc.ChanSubscribe("a.>", seen); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		f := newFeeder(natstest.Patience)
		f.handOver = natstest.Patience // this is not about servers that take longer
		e := via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL())))
		attend(t, f, e)
		natstest.Eventually(t, "up", f.Up)
		const moves, copies = 8, 500
		moved := make(chan struct{})
		fed := 0
		go func() {
			defer close(f.batches)
			for fed < cap(seen)/copies {
				select {
				case <-moved:
					return
				default:
					f.feed(serials("a", copies)...)
					fed++
				}
			}
		}()
		// As a Link does it: the new session is attached before the old one is retired.
		for range moves {
			before := f.inUse()
			attend(t, f, e)
			natstest.Eventually(t, "moved", func() bool { return f.inUse() != before })
		}
		close(moved)
		<-f.done
		for i := range fed * copies {
			if m, want := <-seen, fmt.Sprintf("a.%d", i%copies); m.Subject != want {
				t.Fatalf("copy %d went to %s, want %s", i, m.Subject, want)
			}
		}
	})
}
