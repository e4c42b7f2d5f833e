package link

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// silences are the ways in which a server can say nothing while we connect.
var silences = map[string]dialFunc{
	"no connection": func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	},
	"no greeting": natstest.Pipe(func(c *natstest.Conn) { c.AnswerPings() }),
	"no answer to the login": natstest.Pipe(func(c *natstest.Conn) {
		c.Send("INFO " + natstest.Info + "\r\n")
		io.Copy(io.Discard, c)
	}),
}

func TestCancelEndsTheWaitForASilentServer(t *testing.T) {
	for name, silence := range silences {
		t.Run(name, func(t *testing.T) {
			natstest.Bubble(t, func(t *testing.T) {
				e := endpoint(t, Federation, natstest.Side("192.0.2.1:4222"))
				e.Dial = silence
				var r recorder
				_, stop := run(t, &r, e)
				synctest.Wait()
				began := time.Now()
				stop()
				if took := time.Since(began); took > 0 || r.Counted(EventConnectFailed) > 0 {
					t.Errorf("Run took %s to return, events %v", took, r.Events)
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
	e := endpoint(t, Federation, natstest.Side("192.0.2.1:4222", "192.0.2.2:4222"))
	welcome := natstest.Pipe(func(c *natstest.Conn) {
		c.Welcome(natstest.Info)
		c.AnswerPings()
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
