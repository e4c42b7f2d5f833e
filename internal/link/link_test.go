package link

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestServerRestartMakesANewSession(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{Name: "one"})
		var r recorder
		l, stop := run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(srv.ClientURL()))))
		attached(t, l, 1)
		first := r.session()
		st := l.Status()
		if !st.Connected || st.Epoch != 1 || st.ServerName != "one" || st.URL != srv.ClientURL() {
			t.Fatalf("status %+v", st)
		}
		srv.Stop()
		natstest.Eventually(t, "loss", func() bool { return r.did("lost 1") })
		if l.Status().Connected {
			t.Error("still connected after the loss")
		}
		if err := srv.Restart(); err != nil {
			t.Fatal(err)
		}
		natstest.Eventually(t, "second attach", func() bool { return r.did("attach 2") })
		select {
		case <-first.Done():
		default:
			t.Error("the first session is not done")
		}
		stop()
		if got := r.history(); !slices.Equal(got, []string{"attach 1", "lost 1", "attach 2", "retire 2"}) {
			t.Errorf("calls %v", got)
		}
		if r.session().Err() != nil {
			t.Errorf("a close of our own is no error: %v", r.session().Err())
		}
		if r.Counted(EventConnected) != 2 || r.Counted(EventDisconnected) != 1 {
			t.Errorf("events %v", r.Events)
		}
		if log := r.Logged(); !strings.Contains(log, "federation: connected to 127.0.0.1:") || !strings.Contains(log, "federation: lost 127.0.0.1:") {
			t.Errorf("log:\n%s", log)
		}
	})
}

// At an overlong subject the server says -ERR, and nats.go alone closes for good.
func TestControlLineErrorIsRebuilt(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		var r recorder
		run(t, &r, portably(portable, endpoint(t, Collective, natstest.Side(srv.ClientURL()))))
		natstest.Eventually(t, "first attach", func() bool { return r.did("attach 1") })
		if err := r.session().Conn.Publish(strings.Repeat("a", 5000), []byte("x")); err != nil {
			t.Fatal(err)
		}
		natstest.Eventually(t, "second attach", func() bool { return r.did("attach 2") })
		if err := r.lastLost(t); !strings.Contains(strings.ToLower(err.Error()), "maximum control line exceeded") {
			t.Errorf("lost because of %v", err)
		}
		if r.Counted(EventClosedByServer) != 1 {
			t.Errorf("events %v", r.Events)
		}
	})
}

func TestUnknownServerErrorIsRebuiltWithinASecond(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		natstest.Bubble(t, func(t *testing.T) {
			e := portably(portable, endpoint(t, Collective, natstest.Side("192.0.2.1:4222")))
			e.Dial = natstest.Pipe(func(c *natstest.Conn) {
				c.Welcome(natstest.Info)
				c.Send("-ERR 'Something Nobody Has Heard Of'\r\n")
				c.AnswerPings()
			})
			var r recorder
			_, stop := run(t, &r, e)
			natstest.Pass(time.Second)
			if !r.did("attach 3") {
				t.Errorf("calls %v", r.history())
			}
			if err := r.lastLost(t); err.Error() != "the server said: Something Nobody Has Heard Of" {
				t.Errorf("lost because of %v", err)
			}
			stop()
		})
	})
}

func TestRevokedLoginIsRetriedUntilItIsRestored(t *testing.T) {
	users := []*natsserver.User{natstest.User("relay", "secret")}
	srv := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) { o.Users = users }})
	s := natstest.Side(srv.ClientURL())
	s.User, s.Password = "relay", "secret"
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, s))
	natstest.Eventually(t, "first attach", func() bool { return r.did("attach 1") })

	reload := func(password string) {
		users = []*natsserver.User{natstest.User("relay", password)}
		if err := srv.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	reload("changed")
	natstest.Eventually(t, "several failed logins", func() bool { return r.Counted(EventAuthError) >= 4 })
	if st := l.Status(); st.Connected || !strings.Contains(st.LastError, "authorization violation") {
		t.Errorf("status %+v", st)
	}
	reload("secret")
	natstest.Eventually(t, "second attach", func() bool { return r.did("attach 2") })
	log := r.Logged()
	if strings.Contains(log, "secret") {
		t.Errorf("the log holds a password:\n%s", log)
	}
	if n := strings.Count(log, `authorization violation as user \"relay\"; retrying`); n != 1 {
		t.Errorf("the same failure was logged %d times:\n%s", n, log)
	}
}

// A login that expires while we are connected: the server says so, and hangs up.
func TestExpiredLoginIsAnAuthError(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.Send("-ERR 'User Authentication Expired'\r\n")
		})
		var r recorder
		run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
		natstest.Eventually(t, "loss", func() bool { return r.did("lost 1") })
		if r.Counted(EventAuthError) == 0 || !isAuthError(r.lastLost(t)) {
			t.Errorf("lost because of %v, events %v", r.lastLost(t), r.Events)
		}
	})
}

func TestUnansweredPingsEndTheConnection(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		synctest.Test(t, func(t *testing.T) {
			e := portably(portable, endpoint(t, Federation, natstest.Side("192.0.2.1:4222")))
			e.Dial = natstest.Pipe(func(c *natstest.Conn) {
				c.Welcome(natstest.Info)
				io.Copy(io.Discard, c)
			})
			var r recorder
			_, stop := run(t, &r, e)
			synctest.Wait()
			s := r.session()
			began := time.Now()
			<-s.Done()
			if took := time.Since(began); took < 10*time.Second || took > 15*time.Second {
				t.Errorf("noticed after %s", took)
			}
			synctest.Wait()
			if !errors.Is(r.lastLost(t), nats.ErrStaleConnection) || r.Counted(EventStale) != 1 {
				t.Errorf("lost because of %v, events %v", r.lastLost(t), r.Events)
			}
			stop()
		})
	})
}

func TestFailedAttachIsRetried(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		var r recorder
		failures := 2
		r.attach = func(context.Context, *Session) error {
			if failures--; failures >= 0 {
				return errors.New("not yet")
			}
			return nil
		}
		run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(srv.ClientURL()))))
		natstest.Eventually(t, "third attach", func() bool { return r.did("attach 3") })
		if got := r.history(); !slices.Equal(got, []string{"attach 3"}) {
			t.Errorf("calls %v", got)
		}
		natstest.Eventually(t, "no connection left behind", func() bool {
			names, err := srv.Connz()
			return err == nil && len(names) == 1
		})
		if log := r.Logged(); !strings.Contains(log, ", but: not yet; retrying") {
			t.Errorf("log:\n%s", log)
		}
	})
}

func TestUnreachableServersAreNamedInOneLine(t *testing.T) {
	e := endpoint(t, Federation, natstest.Side("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"))
	var r recorder
	l, _ := run(t, &r, e)
	natstest.Eventually(t, "three rounds", func() bool { return r.Counted(EventConnectFailed) >= 3 })
	log := r.Logged()
	if n := strings.Count(log, "federation: cannot connect to any of 3 servers (last: connection refused, 127.0.0.1:"); n != 1 || strings.Count(log, "\n") != 1 {
		t.Errorf("log:\n%s", log)
	}
	if st := l.Status(); st.Connected || !strings.Contains(st.LastError, "connection refused") || st.LastErrorAt.IsZero() {
		t.Errorf("status %+v", st)
	}
}

// The end of a connection that did not last is one more failure in a row. The end of one that
// lasted is the first.
func TestBackoffOfAFlappingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const flaps = 10
		var dialled []time.Time
		e := endpoint(t, Federation, natstest.Side("192.0.2.1:4222"))
		pipe := natstest.Pipe(func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			if len(dialled) == flaps {
				go func() { <-time.After(steady + time.Second); c.Close() }()
				c.AnswerPings()
			}
		})
		enough := make(chan struct{})
		e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dialled = append(dialled, time.Now()); len(dialled) == flaps+1 {
				close(enough)
			}
			return pipe(ctx, network, address)
		}
		var r recorder
		_, stop := run(t, &r, e)
		<-enough
		stop()
		gap := func(i int) time.Duration { return dialled[i].Sub(dialled[i-1]) }
		if gap(1) > 200*time.Millisecond || gap(flaps-1) < backoffMax/2 || gap(flaps-1) > 2*backoffMax {
			t.Errorf("first gap %s, last gap %s", gap(1), gap(flaps-1))
		}
		if quick := gap(flaps) - steady - time.Second; quick < 0 || quick > 200*time.Millisecond {
			t.Errorf("%s after a steady connection", quick)
		}
	})
}
