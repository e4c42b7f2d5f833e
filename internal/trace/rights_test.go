package trace

import (
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/state"
)

// A node is not suspected of wanting a signature where a relay lacks a right.
func TestAMissingRightIsAdvised(t *testing.T) {
	deny := func(subjects ...string) *server.SubjectPermission { return &server.SubjectPermission{Deny: subjects} }
	n := fedtest.StartNetworks(t, embedded.Options{Users: []*server.User{
		user("all", nil), user("untraced", deny("_INBOX.>")), {Username: "deaf", Permissions: &server.Permissions{Subscribe: deny("choria.federation.london.collective")}},
	}})
	startNodes(t, n.Collective, true, web2)
	for login, want := range map[string]string{
		"untraced": `allow the relay's user on the collective to publish "_INBOX.>"`,
		"deaf":     "the login of the relay",
	} {
		c := n.Config()
		logins(&c.Federation, &c.Collective, "all")
		c.Collective.User = login
		p := fedtest.LaunchProcess(t, c, nil)
		all := operator(t, n.Federation, "all")
		awaitService(t, all)
		v := run(t, all, web2, fedtest.Cluster).Clusters[0]
		if v.Outcome == state.Answered || !strings.Contains(v.Advice, want) || strings.Contains(v.Advice, "sign") {
			t.Errorf("%s: %s, %s; %s", login, v.Outcome, v.Detail, v.Advice)
		}
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}
}
