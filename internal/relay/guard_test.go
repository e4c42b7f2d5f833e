package relay_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
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

// The log says of each path that it has joined, whether the guard joined or the link when it
// connected.
func TestEachPathSaysThatItHasJoined(t *testing.T) {
	for _, late := range []string{"", "federation", "collective"} {
		n := fedtest.StartNetworks(t, embedded.Options{})
		var log logBook
		r, err := relay.New(n.Config(), relay.Options{
			Log: slog.New(slog.NewTextHandler(&log, nil)), Dial: dialLate(late),
		})
		if err != nil {
			t.Fatal(err)
		}
		runUntilEnd(t, r)
		for _, path := range []string{"request", "reply"} {
			fedtest.Eventually(t, "the "+path+" path says so", func() bool {
				return log.count(`joined the queue group" path=`+path) == 1
			})
		}
	}
}

// dialLate makes the connections of one side later than those of the other.
func dialLate(late string) func(string) func(context.Context, string, string) (net.Conn, error) {
	return func(side string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			if side == late {
				<-time.After(300 * time.Millisecond)
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	}
}
