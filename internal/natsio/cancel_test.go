package natsio

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// silences are ways in which a server says nothing.
var silences = map[string]dialFunc{
	"no connection": func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	},
	"no greeting": pipeDial(func(c *fakeConn) { c.drain() }),
	"no answer to the login": pipeDial(func(c *fakeConn) {
		c.send("INFO " + plainINFO + "\r\n")
		io.Copy(io.Discard, c)
	}),
}

func TestCancelEndsTheWaitForASilentServer(t *testing.T) {
	for name, silence := range silences {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				e := endpoint(t, Federation, side("192.0.2.1:4222"))
				e.Dial = silence
				var r recorder
				_, stop := run(t, &r, e)
				synctest.Wait()
				began := time.Now()
				stop()
				if took := time.Since(began); took > 0 || r.counted(EventConnectFailed) > 0 {
					t.Errorf("Run took %s to return, events %v", took, r.events)
				}
			})
		})
	}
}

func TestASilentServerDoesNotHoldUpTheNext(t *testing.T) {
	for name, silence := range silences {
		t.Run(name, func(t *testing.T) {
			for range 10 { // the order of servers is random
				synctest.Test(t, func(t *testing.T) { connectsInTime(t, silence) })
			}
		})
	}
}

func connectsInTime(t *testing.T, silence dialFunc) {
	e := endpoint(t, Federation, side("192.0.2.1:4222", "192.0.2.2:4222"))
	welcome := pipeDial(func(c *fakeConn) {
		c.welcome(plainINFO)
		c.drain()
	})
	e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "192.0.2.2:4222" {
			return welcome(ctx, network, address)
		}
		return silence(ctx, network, address)
	}
	var r recorder
	_, stop := run(t, &r, e)
	<-time.After(stepTimeout + 10*time.Millisecond) // of the bubble's time
	synctest.Wait()
	if !r.did("attach 1") {
		t.Error("not connected to the other server")
	}
	stop()
}
