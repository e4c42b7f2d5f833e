package embedded_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func connect(t *testing.T, url string, o ...nats.Option) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	o = append(o, nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	nc, err := nats.Connect(url, o...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close(); <-closed })
	return nc
}

func TestRestartKeepsThePort(t *testing.T) {
	s := start(t, embedded.Options{})
	url := s.ClientURL()
	back := make(chan struct{}, 1)
	nc := connect(t, url, nats.ReconnectWait(10*time.Millisecond), nats.MaxReconnects(-1),
		nats.ReconnectHandler(func(*nats.Conn) { back <- struct{}{} }))

	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if s.ClientURL() != url {
		t.Fatalf("restarted on %s, want %s", s.ClientURL(), url)
	}
	select {
	case <-back:
	case <-time.After(10 * time.Second):
		t.Fatal("client did not come back")
	}
	if err := nc.FlushTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
}

func TestStopIsFinal(t *testing.T) {
	s := start(t, embedded.Options{})
	s.Stop()
	s.Stop()
	if _, err := nats.Connect(s.ClientURL()); err == nil {
		t.Fatal("a stopped server let a client in")
	}
	if _, err := s.Connz(); err == nil {
		t.Fatal("a stopped server listed clients")
	}
}

func TestInProcessOnly(t *testing.T) {
	s := start(t, embedded.Options{DontListen: true})
	connect(t, "", nats.InProcessServer(s), nats.Name("inside"))
	names, err := s.Connz()
	if err != nil || !slices.Equal(names, []string{"inside"}) {
		t.Fatalf("connz: %v %v", names, err)
	}
}

func TestMonitoring(t *testing.T) {
	s := start(t, embedded.Options{Monitor: true})
	response, err := http.Get(s.MonitorURL() + "/varz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
	if url := start(t, embedded.Options{}).MonitorURL(); url != "" {
		t.Error(url)
	}
}

func TestPermissionsAndPayload(t *testing.T) {
	s := start(t, embedded.Options{MaxPayload: 1000, Users: []*server.User{{
		Username: "relay", Password: "pw",
		Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"ok.>"}}},
	}}})
	denied := make(chan error, 1)
	nc := connect(t, s.ClientURL(), nats.UserInfo("relay", "pw"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
	if nc.MaxPayload() != 1000 {
		t.Fatalf("max payload %d", nc.MaxPayload())
	}
	if err := nc.Publish("other", nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-denied:
	case <-time.After(10 * time.Second):
		t.Fatal("no permission error")
	}
}

func TestLameDuckWarnsAndEnds(t *testing.T) {
	s := start(t, embedded.Options{})
	warned := make(chan struct{}, 1)
	connect(t, s.ClientURL(), nats.LameDuckModeHandler(func(*nats.Conn) { warned <- struct{}{} }))
	s.LameDuck()
	select {
	case <-warned:
	case <-time.After(10 * time.Second):
		t.Fatal("no warning")
	}
	s.Stop() // well before the ten seconds of grace
}
