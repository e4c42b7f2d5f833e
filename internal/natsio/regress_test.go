package natsio

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/pipeline"
)

func TestMoreDenialsThanCopiesDoNotUpsetTheBooks(t *testing.T) {
	onBothPaths(t, func(t *testing.T, portable bool) {
		address := fakeServer(t, func(c *fakeConn) {
			c.welcome(plainINFO)
			for {
				line, err := c.in.ReadString('\n')
				switch {
				case err != nil:
					return
				case strings.HasPrefix(line, "PING"):
					c.send("PONG\r\n")
				case strings.HasPrefix(line, "PUB"):
					c.send(strings.Repeat("-ERR 'Permissions Violation for Publish to \"a\"'\r\n", 10))
				}
			}
		})
		f := newFeeder(patience)
		attend(t, f, via(portable, endpointOf(t, "collective", side("nats://"+address))))
		f.feed("a")
		f.feed("b", "c")
		if s := f.end(t); s.Fate(pipeline.Denied) != 3 || f.InDoubt() != 0 {
			t.Errorf("in doubt %d: %s", f.InDoubt(), s.String())
		}
	})
}

// nats.go holds its lock while a write is blocked; a look at the state of a link must not wait for that.
func TestStatusDoesNotWaitForAStalledServer(t *testing.T) {
	onBothPaths(t, func(t *testing.T, portable bool) {
		address := fakeServer(t, func(c *fakeConn) {
			c.welcome(plainINFO)
			<-t.Context().Done() // reads nothing more
		})
		f := newFeeder(patience)
		f.size = 1 << 20
		l := NewLink(LinkConfig{Endpoint: via(portable, endpointOf(t, "collective", side("nats://"+address))), Name: "x", Handler: f})
		stop := runLink(t, l)
		eventually(t, "connected", f.Up)
		f.feed(serials("a", 64)...)
		eventually(t, "a write is blocked", func() bool { return f.lastEpochBusy() })
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

// lastEpochBusy tells whether the lane is in a write.
func (f *feeder) lastEpochBusy() bool {
	ep := f.inUse()
	if ep == nil {
		return false
	}
	if ep.mu.TryLock() {
		ep.mu.Unlock()
		return false
	}
	return true
}

// inUse is the epoch that is written to, or about to hand over.
func (f *feeder) inUse() *epoch {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// On a move both connections exist for a while; what is written to the new one must not overtake the old one.
func TestAMoveKeepsTheOrder(t *testing.T) {
	onBothPaths(t, func(t *testing.T, portable bool) {
		s := start(t, embedded.Options{})
		nc := client(t, s.ClientURL())
		seen := make(chan *nats.Msg, 1<<20)
		if _, err := nc.ChanSubscribe("a.>", seen); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		f := newFeeder(patience)
		f.handOver = patience // this is not about servers that take longer
		e := via(portable, endpointOf(t, "collective", side(s.ClientURL())))
		attend(t, f, e)
		eventually(t, "up", f.Up)
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
		for range moves { // as a Link does it: one after the other, the new session is attached before the old one is retired
			before := f.inUse()
			attend(t, f, e)
			eventually(t, "moved", func() bool { return f.inUse() != before })
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
