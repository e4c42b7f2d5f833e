package natsio

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
)

func TestAnUnsolicitedPongConfirmsNothing(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.Send(strings.Repeat("PONG\r\n", 100) + "-ERR 'Permissions Violation for Subscription to \"mark\"'\r\n")
			for {
				line, err := c.In.ReadString('\n')
				if err != nil || strings.HasPrefix(line, "PING") {
					return
				}
			}
		})
		f := newFeeder(natstest.Patience)
		var w natstest.Witness
		e := via(portable, endpoint(t, "collective", natstest.Side("nats://"+address)))
		stop := runLink(t, link.New(link.Config{Endpoint: e, Name: "x", Handler: f, Events: w.Event}))
		natstest.Eventually(t, "the PONGs have been read", func() bool {
			return f.Up() && w.Counted(link.EventPermissionDenied) > 0
		})
		f.feed("a", "b", "c")
		natstest.Eventually(t, "they are unconfirmed", func() bool {
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
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.Converse(func(string) bool { return true })
		})
		f := newFeeder(natstest.Patience)
		stop := attend(t, f, via(portable, endpoint(t, "collective", natstest.Side("nats://"+address))))
		natstest.Eventually(t, "up", f.Up)
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
