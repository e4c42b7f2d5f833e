package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// twoUsers starts a server that knows two.
func twoUsers(t *testing.T, name string) *embedded.Server {
	return natstest.Start(t, embedded.Options{
		Name:  name,
		Users: []*natsserver.User{natstest.User("old", "a"), natstest.User("new", "b")},
	})
}

func loggedIn(servers []string, user, password string) config.Side {
	s := natstest.Side(servers...)
	s.User, s.Password = user, password
	return s
}

// A reload makes the new connection first, with whatever has changed, and retires the old one then.
func TestAnEndpointIsReplacedMakeBeforeBreak(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		one, two := twoUsers(t, "one"), twoUsers(t, "two")
		urls := func(servers ...*embedded.Server) (all []string) {
			for _, s := range servers {
				all = append(all, s.ClientURL())
			}
			return all
		}
		var r recorder
		e := portably(portable, endpoint(t, Federation, loggedIn(urls(one), "old", "a")))
		l, stop := run(t, &r, e)
		attached(t, l, 1)
		replace := func(s config.Side) { e.Replace(endpoint(t, Federation, s)) }

		replace(loggedIn(urls(one), "new", "b")) // other credentials
		attached(t, l, 2)
		replace(loggedIn(urls(one, two), "new", "b")) // nothing that matters
		replace(loggedIn(urls(two), "new", "b"))      // another server
		attached(t, l, 3)
		if name := l.Status().ServerName; name != "two" {
			t.Errorf("connected to %q", name)
		}
		secure := loggedIn(urls(two), "new", "b")
		secure.TLS.Required = true
		replace(secure) // cannot be had
		natstest.Eventually(t, "it says that it stays", func() bool {
			return strings.Contains(r.Logged(), "; staying with 127.0.0.1:")
		})
		if st := l.Status(); !st.Connected || !st.Outdated || st.Epoch != 3 {
			t.Errorf("status %+v", st)
		}
		replace(loggedIn(urls(two), "new", "b")) // as before
		natstest.Eventually(t, "it is up to date", func() bool { return !l.Status().Outdated })
		stop()
		want := []string{"attach 1", "attach 2", "retire 1", "attach 3", "retire 2", "retire 3"}
		if got := r.history(); !slices.Equal(got, want) {
			t.Errorf("calls %v", got)
		}
		if r.Counted(EventMoved) != 2 || r.Counted(EventDisconnected) != 0 {
			t.Errorf("events %v", r.Events)
		}
	})
}

// What fails while a connection stands is no outage, neither when it is over nor when that
// connection ends.
func TestAnOutageBeginsWithALoss(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		synctest.Test(t, func(t *testing.T) {
			var refused atomic.Bool
			var held []*natstest.Conn
			pipe := natstest.Pipe(func(c *natstest.Conn) {
				held = append(held, c)
				c.Welcome(natstest.Info)
				c.AnswerPings()
			})
			dial := func(ctx context.Context, network, address string) (net.Conn, error) {
				if refused.Load() {
					return nil, errors.New("not now")
				}
				return pipe(ctx, network, address)
			}
			as := func(user string) *Endpoint {
				e := portably(portable, endpoint(t, Federation, loggedIn([]string{"192.0.2.1:4222"}, user, "a")))
				e.Dial = dial
				return e
			}
			var r recorder
			e := as("old")
			_, stop := run(t, &r, e)
			synctest.Wait()
			refused.Store(true)
			e.Replace(as("new"))
			natstest.Pass(5 * time.Second)
			refused.Store(false)
			natstest.Pass(time.Minute) // connected again, as new
			refused.Store(true)
			e.Replace(as("old"))
			natstest.Pass(5 * time.Second)
			e.Replace(as("new")) // as it is
			refused.Store(false)
			natstest.Pass(time.Second)
			held[len(held)-1].Close()
			natstest.Pass(time.Minute)
			stop()
			log := r.Logged()
			if strings.Count(log, "; staying with ") < 2 || !strings.Contains(log, "connected again to") || !r.did("attach 3") {
				t.Errorf("it did not stay, move and lose:\n%s", log)
			}
			if strings.Contains(log, "after an outage") {
				t.Errorf("there was none:\n%s", log)
			}
		})
	})
}

// Files are read again by a reload, although their names stay the same.
func TestAnEndpointWithOtherFilesIsConnectedAgain(t *testing.T) {
	srv := twoUsers(t, "one")
	secret := natstest.File(t, "secret", "a")
	side := func(user string) config.Side {
		return loggedIn([]string{srv.ClientURL()}, user, "${file:"+secret+"}")
	}
	var r recorder
	e := endpoint(t, Federation, side("old"))
	l, _ := run(t, &r, e)
	attached(t, l, 1)
	e.Replace(endpoint(t, Federation, side("old")))
	natstest.Rewrite(t, secret, "wrong")
	e.Replace(endpoint(t, Federation, side("old")))
	natstest.Eventually(t, "the login fails", func() bool { return r.Counted(EventAuthError) > 0 })
	if st := l.Status(); !st.Connected || !st.Outdated || st.Epoch != 1 {
		t.Errorf("status %+v", st)
	}
	natstest.Rewrite(t, secret, "b")
	e.Replace(endpoint(t, Federation, side("new")))
	attached(t, l, 2)
}

// Who waits for servers that are away goes on at once with others.
func TestALinkWithoutAConnectionFollowsAtOnce(t *testing.T) {
	srv := twoUsers(t, "one")
	var r recorder
	e := endpoint(t, Federation, natstest.Side("127.0.0.1:1"))
	l, _ := run(t, &r, e)
	natstest.Eventually(t, "failures", func() bool { return r.Counted(EventConnectFailed) > 1 })
	e.Replace(endpoint(t, Federation, loggedIn([]string{srv.ClientURL()}, "old", "a")))
	attached(t, l, 1)
}

// A handler that wants a new session, for settings of its own, does not keep the link from going
// where the endpoint says, whichever comes first.
func TestARenewalKeepsNoLinkFromItsNewEndpoint(t *testing.T) {
	servers := []*embedded.Server{twoUsers(t, "one"), twoUsers(t, "two")}
	logins := []string{"old:a@", "new:b@"} // in the URL, which a renewal takes from its session
	side := func(i int) config.Side {
		return natstest.Side(strings.Replace(servers[i/2%2].ClientURL(), "//", "//"+logins[i%2], 1))
	}
	var r recorder
	e := endpoint(t, Federation, side(0))
	l, _ := run(t, &r, e)
	attached(t, l, 1)
	for i := 1; i <= 24; i++ {
		l.mu.Lock()
		s := l.current
		l.mu.Unlock()
		if i%3 == 0 { // as when both are seen at once
			s.Renew(ForSettings)
		}
		next := endpoint(t, Federation, side(i))
		e.Replace(next)
		s.Renew(ForSettings)
		natstest.Eventually(t, fmt.Sprintf("session %d is by the new endpoint", i), func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			s := l.current
			return s != nil && s.fits.Load() == next && s.server.String() == next.servers[0].String() &&
				s.server.url.User.String() == next.servers[0].url.User.String()
		})
	}
}

// A renewal that fails because of new settings is tried again, and said to be missing until then.
func TestARenewalForSettingsIsTriedAgain(t *testing.T) {
	srv := twoUsers(t, "one")
	secret := natstest.File(t, "secret", "a")
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, loggedIn([]string{srv.ClientURL()}, "old", "${file:"+secret+"}")))
	attached(t, l, 1)
	natstest.Rewrite(t, secret, "wrong")
	l.mu.Lock()
	s := l.current
	l.mu.Unlock()
	s.Renew(ForSettings)
	natstest.Eventually(t, "it says that it stays", func() bool { return l.Status().Outdated })
	natstest.Rewrite(t, secret, "a")
	attached(t, l, 2)
	if l.Status().Outdated {
		t.Error("it is still said to be missing")
	}
}

// What matters more is not lost because the Link has not seen what matters less.
func TestTheRenewalThatMattersMostIsKept(t *testing.T) {
	s := newSession(server{}, nil)
	for _, why := range []Renewal{ForSize, ForSettings, ForRights} {
		s.Renew(why)
	}
	if why := <-s.renewals; why != ForSettings {
		t.Errorf("renewal %d", why)
	}
}

// A client certificate that was issued anew, and an authority beside the old one, are taken into
// use by a reload, without a moment without a connection.
func TestRotatedCertificatesAreTakenIntoUseByAReload(t *testing.T) {
	old, next := natstest.NewAuthority(t, "Old CA"), natstest.NewAuthority(t, "Next CA")
	serving := old.Server(natstest.Soon(), embedded.Host)
	serving.ClientAuth, serving.ClientCAs = tls.RequireAndVerifyClientCert, old.Pool()
	srv := natstest.Start(t, embedded.Options{TLS: serving})
	read := func(path string) string { return string(natstest.Must(os.ReadFile(path))) }
	cert, key := old.Issue(natstest.Soon(), "relay1")
	s := natstest.Side(srv.ClientURL())
	s.TLS = config.TLS{
		CA: natstest.File(t, "ca.pem", read(old.Path)), Cert: natstest.File(t, "cert.pem", cert), Key: natstest.File(t, "key.pem", key),
	}
	var r recorder
	e := endpoint(t, Federation, s)
	l, stop := run(t, &r, e)
	attached(t, l, 1)
	e.Replace(endpoint(t, Federation, s)) // nothing has changed
	cert, key = old.Issue(natstest.Soon(), "relay1")
	natstest.Rewrite(t, s.TLS.Cert, cert)
	natstest.Rewrite(t, s.TLS.Key, key)
	e.Replace(endpoint(t, Federation, s))
	attached(t, l, 2)
	natstest.Rewrite(t, s.TLS.CA, read(old.Path)+read(next.Path))
	e.Replace(endpoint(t, Federation, s))
	attached(t, l, 3)
	stop()
	if n := r.Counted(EventDisconnected) + r.Counted(EventConnectFailed); n > 0 {
		t.Errorf("events %v", r.Events)
	}
}
