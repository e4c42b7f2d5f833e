package natsio

import (
	"errors"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// A server may decide at the login what can be subscribed to. The login was there before anybody
// wanted to.
func TestADeniedSubscriptionEndsInANewLogin(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		_, deaf, deafSeed := natstest.NKeyPair(t, nkeys.CreateUser)
		_, whole, wholeSeed := natstest.NKeyPair(t, nkeys.CreateUser)
		srv := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) {
			o.Nkeys = []*natsserver.NkeyUser{
				{Nkey: deaf, Permissions: &natsserver.Permissions{Subscribe: &natsserver.SubjectPermission{Deny: []string{"in"}}}},
				{Nkey: whole},
			}
		}})
		s := natstest.Side(srv.ClientURL())
		s.NKey = natstest.File(t, "relay.nk", deafSeed)
		r := newTester(0)
		r.start(t)
		l := link.New(link.Config{Endpoint: via(portable, endpoint(t, link.Collective, s)), Name: "x", Handler: r})
		stop := runLink(t, l)
		natstest.Eventually(t, "it is attached", func() bool { st := l.Status(); return st.Connected && st.Epoch == 1 })
		var denied *link.DeniedError
		if err := r.Serve(t.Context(), true); !errors.As(err, &denied) || denied.Subject != "in" {
			t.Fatalf("%v", err)
		}
		natstest.Eventually(t, "the reason is told", func() bool {
			st := l.Status()
			return !st.Connected && strings.Contains(st.LastError, `subscribing to "in" with queue group "q" is denied`)
		})
		natstest.Rewrite(t, s.NKey, wholeSeed)
		natstest.Eventually(t, "the source is subscribed", r.Subscribed)
		if n := l.Status().Epoch; n > 8 {
			t.Errorf("%d logins in a moment", n)
		}
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

// While the login stays as it is there are ever fewer attempts.
func TestDeniedSubscriptionsAreTriedWithBackoff(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		logins := 0
		r := newTester(0)
		r.start(t)
		e := endpoint(t, link.Collective, natstest.Side("192.0.2.1:4222"))
		e.Dial = natstest.Pipe(func(c *natstest.Conn) {
			logins++
			c.Welcome(natstest.Info)
			c.Converse(func(line string) bool {
				if strings.HasPrefix(line, "SUB ") {
					c.Send("-ERR 'Permissions Violation for Subscription to \"in\" using queue \"q\"'\r\n")
				}
				return true
			})
		})
		stop := attend(t, r, e)
		natstest.Pass(time.Second)
		for range 60 { // as who serves does
			_ = r.Serve(t.Context(), true)
			natstest.Pass(time.Second)
		}
		if logins < 5 || logins > 40 {
			t.Errorf("%d logins in a minute", logins)
		}
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}
