package relay_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A relay that may not listen for replies leaves the requests to others, too.
func TestARelayThatCannotCarryRepliesTakesNoRequests(t *testing.T) {
	deaf := &server.User{Username: "deaf", Password: "pw", Permissions: &server.Permissions{
		Subscribe: &server.SubjectPermission{Deny: []string{fedtest.CollectiveSubject}},
	}}
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{}),
		Collective: fedtest.StartServer(t, embedded.Options{Users: []*server.User{deaf, {Username: "whole", Password: "pw"}}}),
	}
	c := n.Config()
	c.Collective.User, c.Collective.Password = "whole", "pw"
	whole := fedtest.StartRelay(t, c)
	c.Identity, c.Collective.User = "relay2", "deaf"
	r := fedtest.LaunchRelay(t, c)
	fedtest.Eventually(t, "its subscription has been refused more than once", func() bool {
		return r.Sides()[1].Events["permission_denied"] >= 2
	})
	if r.Sides()[0].Subscribed {
		t.Error("it takes requests")
	}
	if ok, _ := r.Ready(); ok {
		t.Error("it says that it is ready")
	}
	if !whole.Sides()[0].Subscribed {
		t.Error("the other one does not take requests")
	}
}
