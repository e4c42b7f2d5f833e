package relay_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// leastRights starts networks whose logins of an edge may do what README calls enough, and no more.
// A login that may ask what it may do can hear the answer, too.
func leastRights(t *testing.T, publish ...string) *fedtest.Networks {
	t.Helper()
	side := func(subscribe string, publish ...string) *embedded.Server {
		r := *may(server.SubjectPermission{Allow: publish})
		r.Permissions.Subscribe = &server.SubjectPermission{Allow: []string{subscribe}}
		if slices.Contains(publish, "$SYS.REQ.USER.INFO") {
			r.Permissions.Subscribe.Allow = append(r.Permissions.Subscribe.Allow, "_INBOX.>")
		}
		return fedtest.StartServer(t, embedded.Options{Users: []*server.User{loadUser, &r}})
	}
	return &fedtest.Networks{
		Federation: side(fedtest.FederationSubject, "*.reply.>"),
		Line:       side("*.reply.edge.ams.london.>", publish...),
	}
}

func startAsRelayUser(t *testing.T, n *fedtest.Networks) *fedtest.Relay {
	t.Helper()
	c := n.EdgeConfig()
	for _, s := range []*config.Side{&c.Federation, &c.Line} {
		s.User, s.Password = relayUser.Username, relayUser.Password
	}
	return fedtest.LaunchRelay(t, c)
}

func TestTheLeastRightsOfAnEdgeAreEnough(t *testing.T) {
	n := leastRights(t, fedtest.FederationSubject)
	login := nats.UserInfo(loadUser.Username, loadUser.Password)
	line := fedtest.NewTap(t, n.Line, login)
	clients := fedtest.NewTap(t, n.Federation, login)
	e := startAsRelayUser(t, n)
	e.WaitReady()
	fedtest.Eventually(t, "it warns", func() bool {
		return strings.Contains(strings.Join(e.Warnings(), ""), "line: what the login may publish to is not known")
	})
	clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("a")))
	// Nothing comes before: a probe would be taken for a request.
	if m := line.Next(); m.Subject != fedtest.FederationSubject || len(m.Data) == 0 {
		t.Errorf("%s: %q", m.Subject, m.Data)
	}
	line.Send(edgeAddress+"."+fedtest.ReplySubject("q"), `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{}}`)
	clients.Next()
	settle(t, e)
	for _, w := range e.Warnings() {
		if !strings.Contains(w, "replies in JSON") {
			t.Errorf("it still warns: %q", w)
		}
	}
}

func TestAnEdgeThatMayNotPublishStaysOutOfItsGroup(t *testing.T) {
	n := leastRights(t, "$SYS.REQ.USER.INFO", "something.else")
	e := startAsRelayUser(t, n)
	says(t, e, "line: connected to ")
	says(t, e, "this login may publish to none of "+fedtest.FederationSubject)
	if e.Sides()[0].Subscribed {
		t.Error("it takes requests")
	}
}
