package natsio

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
)

func TestAnUnsolicitedPongConfirmsNothing(t *testing.T) {
	onBothPaths(t, func(t *testing.T, portable bool) {
		address := fakeServer(t, func(c *fakeConn) {
			c.welcome(plainINFO)
			c.send(strings.Repeat("PONG\r\n", 100) + "-ERR 'Permissions Violation for Subscription to \"mark\"'\r\n")
			for {
				line, err := c.in.ReadString('\n')
				if err != nil || strings.HasPrefix(line, "PING") {
					return
				}
			}
		})
		f := newFeeder(patience)
		stop := attend(t, f, via(portable, endpointOf(t, "collective", side("nats://"+address))))
		eventually(t, "the PONGs have been read", func() bool {
			ep := f.inUse()
			if ep == nil {
				return false
			}
			n, _ := ep.session.wire.refusals()
			return n > 0
		})
		f.feed("a", "b", "c")
		eventually(t, "they are unconfirmed", func() bool {
			s := f.ledger.Snapshot()
			return s.Fate(pipeline.Unconfirmed) == 3
		})
		stop()
		if s := f.end(t); s.Fate(pipeline.Confirmed) != 0 {
			t.Error(s.String())
		}
	})
}

// nats.go's pings and the barriers of a publisher share a connection.
func TestFlushesOfNatsGoDoNotConfuseTheBarrier(t *testing.T) {
	onBothPaths(t, func(t *testing.T, portable bool) {
		address := fakeServer(t, func(c *fakeConn) {
			c.welcome(plainINFO)
			c.converse(func(string) bool { return true })
		})
		f := newFeeder(patience)
		stop := attend(t, f, via(portable, endpointOf(t, "collective", side("nats://"+address))))
		eventually(t, "up", f.Up)
		for i := range 50 {
			f.feed(serials(fmt.Sprint("a.", i), 3)...)
			if err := f.inUse().session.Conn.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		s := f.end(t)
		stop()
		if s.Fate(pipeline.Confirmed) != 150 {
			t.Error(s.String())
		}
	})
}
