package relay_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
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

func TestADeniedStatisticsDocumentIsLogged(t *testing.T) {
	u := *relayUser
	u.Permissions = &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"*.reply.>"}}}
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{Users: []*server.User{&u}}),
		Collective: fedtest.StartServer(t, embedded.Options{}),
	}
	c := n.Config()
	c.Federation.User, c.Federation.Password = u.Username, u.Password
	c.Stats.Publish, c.Stats.Interval = true, 10*time.Millisecond
	c.Log.DropInterval = time.Hour
	var log logBook
	r, err := relay.New(c, relay.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	fedtest.Eventually(t, "it is logged", func() bool { return strings.Contains(log.String(), "the statistics are denied") })
	fedtest.Eventually(t, "it is denied again", func() bool { return r.Sides()[0].Events["permission_denied"] > 5 })
	if text := log.String(); strings.Count(text, "the statistics are denied") != 1 || !strings.Contains(text, "subject=choria.federation.london.stats") {
		t.Error(text)
	}
}
