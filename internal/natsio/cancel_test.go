package natsio

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func TestCancelEndsADialToABlackHole(t *testing.T) {
	e := endpoint(t, Federation, side("192.0.2.1:4222"))
	dialling := make(chan struct{}, 100)
	e.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		dialling <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var r recorder
	_, stop := run(t, &r, e)
	<-dialling
	began := time.Now()
	stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run took %s to return", took)
	}
}

// A server that accepts and says nothing.
func TestCancelEndsTheWaitForAGreeting(t *testing.T) {
	accepted := make(chan struct{}, 100)
	address := fakeServer(t, func(c *fakeConn) {
		accepted <- struct{}{}
		c.drain()
	})
	var r recorder
	_, stop := run(t, &r, endpoint(t, Federation, side(address)))
	<-accepted
	began := time.Now()
	stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run took %s to return", took)
	}
}

// And one that greets, but never answers the login.
func TestCancelEndsTheWaitForALogin(t *testing.T) {
	greeted := make(chan struct{}, 100)
	address := fakeServer(t, func(c *fakeConn) {
		c.send("INFO " + plainINFO + "\r\n")
		c.in.ReadString('\n')
		greeted <- struct{}{}
		c.in.ReadString(0)
	})
	var r recorder
	_, stop := run(t, &r, endpoint(t, Federation, side(address)))
	<-greeted
	began := time.Now()
	stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run took %s to return", took)
	}
}

func TestASilentServerDoesNotHoldUpTheNext(t *testing.T) {
	for name, silence := range map[string]dialFunc{
		"no connection": func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"no greeting": pipeDial(func(c *fakeConn) { c.drain() }),
		"no answer to the login": pipeDial(func(c *fakeConn) {
			c.send("INFO " + plainINFO + "\r\n")
			io.Copy(io.Discard, c)
		}),
	} {
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
