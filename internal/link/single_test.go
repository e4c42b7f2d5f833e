package link

import (
	"context"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestASingleSessionBeginsAtTheNearServer(t *testing.T) {
	a, b := natstest.Start(t, embedded.Options{Name: "a"}), natstest.Start(t, embedded.Options{Name: "b"})
	e := natstest.Must(NewEndpoint(Federation, natstest.Side(a.ClientURL(), b.ClientURL())))
	for url, want := range map[string]string{"": "", b.ClientURL(): "b", a.ClientURL(): "a", "nats://gone:1": ""} {
		s, err := SingleNear(t.Context(), e, "operator", url)
		natstest.Succeeds(t, err)
		if got := s.Conn.ConnectedServerName(); want != "" && got != want {
			t.Errorf("near %q: connected to %s, want %s", url, got, want)
		}
		if s.Conn.Opts.AllowReconnect {
			t.Error("it may reconnect")
		}
		s.Close()
	}
}

func TestMayPublish(t *testing.T) {
	allow := &natsserver.SubjectPermission{Allow: []string{"a.*", userInfo}, Deny: []string{"a.secret"}}
	s := natstest.Start(t, embedded.Options{Users: []*natsserver.User{
		{Username: "some", Permissions: &natsserver.Permissions{Publish: allow}}, {Username: "all"},
		{Username: "deaf", Permissions: &natsserver.Permissions{Subscribe: &natsserver.SubjectPermission{Deny: []string{">"}}}},
	}})
	for _, c := range []struct {
		user, subject string
		may, told     bool
	}{
		{"some", "a.b", true, true}, {"some", "a.secret", false, true}, {"some", "b", false, true},
		{"all", "b", true, true}, {"deaf", "b", false, false},
	} {
		side := natstest.Side(s.ClientURL())
		side.User = c.user
		session, err := Single(context.Background(), natstest.Must(NewEndpoint(Collective, side)), "operator")
		natstest.Succeeds(t, err)
		may, err := session.MayPublish(t.Context(), c.subject)
		if may != c.may || (err == nil) != c.told {
			t.Errorf("%s, %s: %v, %v", c.user, c.subject, may, err)
		}
		session.Close()
	}
}
