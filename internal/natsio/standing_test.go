package natsio

import (
	"errors"
	"strings"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

var nodeRights = link.Rights{
	Patterns: []string{"*.node.>", "*.broadcast.agent.*"},
	Likely:   []string{"m.node.>", "m.broadcast.agent.*"},
	Probes:   []string{"m.node.x:1", "m.broadcast.agent.x:1"},
}

// A server that ends the connection instead of an answer is not one that permits anything.
func TestAConnectionThatEndsIsNotJudged(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			_, _ = c.In.ReadString('\n')
		})
		p := NewPublisher(PublisherConfig{Rights: func() link.Rights { return nodeRights }})
		l := link.New(link.Config{Endpoint: via(portable, endpoint(t, link.Collective, natstest.Side(address))), Name: "x", Handler: p})
		runLink(t, l)
		natstest.Eventually(t, "it fails", func() bool { return l.Status().LastError != "" })
		if p.Up() {
			t.Error("it is used")
		}
	})
}

func TestAForbiddenLoginIsNotUsed(t *testing.T) {
	u := natstest.User("relay", "secret")
	u.Permissions = &natsserver.Permissions{Publish: &natsserver.SubjectPermission{Allow: []string{"$SYS.REQ.USER.INFO"}}}
	srv := natstest.Start(t, embedded.Options{Users: []*natsserver.User{u}})
	s := natstest.Side(srv.ClientURL())
	s.User, s.Password = "relay", "secret"
	p := NewPublisher(PublisherConfig{Rights: func() link.Rights { return nodeRights }})
	l := link.New(link.Config{Endpoint: endpoint(t, link.Collective, s), Name: "x", Handler: p})
	runLink(t, l)
	natstest.Eventually(t, "the reason is told", func() bool {
		said := l.Status().LastError
		return strings.Contains(said, "this login may publish to none of *.node.>, *.broadcast.agent.*") &&
			strings.HasSuffix(said, "; fedrelay config permissions prints what the login needs")
	})
	if st := p.Standing(); p.Up() || st.Forbidden.Err == nil || errors.Is(st.Forbidden.Err, nats.ErrConnectionClosed) {
		t.Errorf("up %v, standing %+v", p.Up(), st)
	}
}
