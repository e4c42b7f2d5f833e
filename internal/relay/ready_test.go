package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A relay that cannot receive replies takes no requests. The first is the cause, and only that is
// listed.
func TestCausesAreListedWithoutTheirConsequences(t *testing.T) {
	deaf := &server.User{Username: "deaf", Password: "pw", Permissions: &server.Permissions{
		Subscribe: &server.SubjectPermission{Deny: []string{fedtest.CollectiveSubject}},
	}}
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{}),
		Collective: fedtest.StartServer(t, embedded.Options{Users: []*server.User{deaf}}),
	}
	c := n.Config()
	c.Collective.User, c.Collective.Password = "deaf", "pw"
	r := fedtest.LaunchRelay(t, c)
	why := `subscribing to "choria.federation.london.collective" with queue group "london_collective" is denied by the server`
	fedtest.Eventually(t, "it says why, and nothing else", func() bool {
		ok, reasons := r.Ready()
		return !ok && len(reasons) == 1 && strings.HasPrefix(reasons[0], "collective: ") && strings.Contains(reasons[0], why)
	})
}

func TestWhatWasDeniedLastIsShown(t *testing.T) {
	u := *relayUser
	u.Permissions = &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"mcollective.node.secret"}}}
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{}),
		Collective: fedtest.StartServer(t, embedded.Options{Users: []*server.User{&u}}),
	}
	c := n.Config()
	c.Collective.User, c.Collective.Password = u.Username, u.Password
	r := fedtest.StartRelay(t, c)
	began := time.Now()
	client := fedtest.Connect(t, n.Federation)
	if p := r.Paths()[0]; p.LastDenied != "" || !p.LastDeniedAt.IsZero() {
		t.Errorf("before anything was denied: %+v", p)
	}
	if err := client.Publish(fedtest.FederationSubject, []byte(fedtest.Request("r", fedtest.Node("secret"), fedtest.Node("open")))); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "the denial is shown", func() bool {
		p := r.Paths()[0]
		return p.LastDenied == "mcollective.node.secret" && !p.LastDeniedAt.Before(began)
	})
	if ok, reasons := r.Ready(); !ok {
		t.Errorf("not ready: %q", reasons)
	}
}
