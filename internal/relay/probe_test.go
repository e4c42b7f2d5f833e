package relay_test

import (
	"context"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/state"
)

// deaf subscribes as a node that must not get anything.
func deaf(t *testing.T, s *embedded.Server, name string, o ...nats.Option) {
	t.Helper()
	nc := fedtest.Connect(t, s, append(o, nats.Name(name))...)
	_, err := nc.Subscribe(fedtest.Node(name), func(m *nats.Msg) { t.Errorf("%s got %s %q", name, m.Subject, m.Header) })
	if err != nil {
		t.Fatal(err)
	}
	flush(t, nc)
}

func TestAProbeSaysWhoListens(t *testing.T) {
	users := []*server.User{loadUser, relayUser}
	login := func(name string, p server.SubjectPermission) {
		users = append(users, &server.User{Username: name, Password: "secret", Permissions: &server.Permissions{Publish: &p}})
	}
	login("narrow", server.SubjectPermission{Allow: []string{"mcollective.node.web1", "mcollective.reply.>", "_INBOX.>"}})
	login("mute", server.SubjectPermission{Deny: []string{"_INBOX.>", "mcollective.node.web2"}})
	n := fedtest.StartNetworks(t, embedded.Options{Name: "server", Users: users})
	deaf(t, n.Collective, "web1", nats.UserInfo(loadUser.Username, loadUser.Password))
	as := func(user string) *fedtest.Relay {
		c := n.Config()
		c.Identity = user
		for _, s := range []*config.Side{&c.Federation, &c.Collective} {
			s.User, s.Password = user, "secret"
		}
		return fedtest.StartRelay(t, c)
	}
	relays := map[string]*fedtest.Relay{"relay": as("relay"), "narrow": as("narrow"), "mute": as("mute")}
	for _, c := range []struct {
		relay, target string
		want          state.Subscribed
		detail        string
	}{
		{"relay", fedtest.Node("web1"), state.Listened, ""},
		{"relay", fedtest.Node("web2"), state.Unheard, ""},
		{"narrow", fedtest.Node("web1"), state.Listened, ""},
		{"narrow", fedtest.Node("web2"), state.Denied, fedtest.Node("web2")},
		{"mute", fedtest.Node("web1"), state.Unknown, `allow publish "_INBOX.>"`},
		{"mute", fedtest.Node("web2"), state.Denied, fedtest.Node("web2")},
		{"relay", "mcollective.broadcast.agent.discovery", state.Unknown, "broadcasts"},
		// A probe must not reach what requests cannot reach.
		{"relay", "$SYS.REQ.SERVER.PING", state.Disallowed, ""},
		{"relay", "mcollective.node.*", state.Disallowed, ""},
		{"relay", "mcollective.reply.abc", state.Disallowed, ""},
		{"relay", "choria.federation.paris.federation", state.Disallowed, ""},
		{"relay", "a b\r\n\x1b[31m", state.Disallowed, ""},
		{"relay", "", state.Disallowed, ""},
		{"relay", "mcollective.node." + strings.Repeat("x", 5000), state.Disallowed, ""},
	} {
		p := relays[c.relay].Probe(t.Context(), c.target)
		if p.Subscribed != c.want || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s, %.40q: %s, %q; want %s, %q", c.relay, c.target, p.Subscribed, p.Detail, c.want, c.detail)
		}
		if !p.Federation.Up || !p.Federation.Subscribed || !p.Collective.Up || p.Collective.Server != "server" || len(p.Target) > 300 {
			t.Errorf("%s, %.40q: %+v", c.relay, c.target, p)
		}
		if c.want == state.Listened && (len(p.Listeners) != 1 || p.Listeners[0] != "web1" || p.Servers[0].Server != "server") {
			t.Errorf("%s: listeners %q, servers %+v", c.relay, p.Listeners, p.Servers)
		}
	}
}

func TestAProbeSaysWhichSideIsDown(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	r := fedtest.StartRelay(t, n.Config())
	n.Collective.Stop()
	fedtest.Eventually(t, "the relay knows", func() bool { return !r.Sides()[1].Up })
	p := r.Probe(t.Context(), fedtest.Node("web1"))
	if p.Collective.Up || p.Collective.Error == "" || p.Subscribed != state.Unknown || !strings.Contains(p.Detail, "not connected") || p.Ready {
		t.Errorf("%+v", p)
	}
}

// An edge does not reach nodes. It asks whether relays listen on the line.
func TestAnEdgeAsksForRelays(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	e := fedtest.StartRelay(t, n.EdgeConfig())
	p := e.Probe(t.Context(), fedtest.Node("web1"))
	if !p.Edge || p.Subscribed != state.Unheard || p.Asked != "choria.federation.london.federation" || p.Collective.Name != "line" {
		t.Errorf("without a relay: %+v", p)
	}
	fedtest.StartRelay(t, n.Config())
	fedtest.Eventually(t, "the answer is a new one", func() bool {
		p = e.Probe(t.Context(), fedtest.Node("web1"))
		return p.Subscribed == state.Listened
	})
	if len(p.Listeners) != 1 || !strings.Contains(p.Listeners[0], "relay1") {
		t.Errorf("with a relay: %+v", p)
	}
}

// A server before 2.11 would deliver the probe.
func TestAProbeOfAnOldServerSendsNothing(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	published := make(chan string, 100)
	old := natstest.Server(t, func(c *natstest.Conn) {
		c.Welcome(natstest.Info)
		c.Converse(func(line string) bool {
			if strings.HasPrefix(line, "PUB ") || strings.HasPrefix(line, "HPUB ") {
				published <- strings.Fields(line)[1]
			}
			return true
		})
	})
	c := n.Config()
	c.Collective.Servers = []string{"nats://" + old}
	r := fedtest.StartRelay(t, c)
	p := r.Probe(t.Context(), fedtest.Node("web1"))
	if p.Subscribed != state.Unknown || !strings.Contains(p.Detail, `"2.10.0"`) || !strings.Contains(p.Detail, "2.11") {
		t.Errorf("%+v", p)
	}
	for len(published) > 0 {
		if subject := <-published; subject == fedtest.Node("web1") {
			t.Error("the probe was published")
		}
	}
}

func TestAProbeEndsWithItsContext(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	r := fedtest.StartRelay(t, n.Config())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p := r.Probe(ctx, fedtest.Node("web1")); p.Subscribed != state.Unknown || !p.Collective.Up {
		t.Errorf("%+v", p)
	}
}
