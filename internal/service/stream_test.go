package service_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/service"
)

// ears keep what a Stream has heard.
type ears struct {
	mu   sync.Mutex
	news []service.News
}

func (e *ears) hear(n service.News) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.news = append(e.news, n)
}

func (e *ears) heard(k service.Kind, cluster string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.news, func(n service.News) bool { return n.Kind == k && n.Cluster == cluster })
}

func TestStreamHearsEverything(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	fedtest.StartProcess(t, n.Config(), nil)
	session, err := service.Connect(t.Context(), config.Side{Servers: []string{n.Federation.ClientURL()}}, "operator")
	if err != nil {
		t.Fatal(err)
	}
	var e ears
	s, err := service.NewStream(t.Context(), session, []string{"tokyo", fedtest.Cluster}, e.hear)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	old := fedtest.Connect(t, n.Federation)
	fedtest.Within(t, fedtest.Patience, 20*time.Millisecond, "all is heard", func() bool {
		if err := s.Ask(); err != nil {
			t.Fatal(err)
		}
		if err := old.Publish(service.StatisticsSubject("tokyo"), []byte("{}")); err != nil {
			t.Fatal(err)
		}
		return e.heard(service.Answer, fedtest.Cluster) && e.heard(service.Nobody, "tokyo") && e.heard(service.Statistics, "tokyo")
	})
	if e.heard(service.Answer, "tokyo") || e.heard(service.Denied, "tokyo") || e.heard(service.Denied, fedtest.Cluster) {
		t.Errorf("%+v", e.news)
	}
}

func TestStreamSaysWhatIsDenied(t *testing.T) {
	u := &natsserver.User{Username: "operator", Password: "secret", Permissions: &natsserver.Permissions{
		Publish:   &natsserver.SubjectPermission{Allow: []string{"nothing"}},
		Subscribe: &natsserver.SubjectPermission{Allow: []string{"_INBOX.>"}},
	}}
	server := fedtest.StartServer(t, embedded.Options{Users: []*natsserver.User{u}})
	side := config.Side{Servers: []string{server.ClientURL()}, User: "operator", Password: "secret"}
	session, err := service.Connect(t.Context(), side, "operator")
	if err != nil {
		t.Fatal(err)
	}
	var e ears
	s, err := service.NewStream(t.Context(), session, []string{"tokyo", "london"}, e.hear)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := []service.News{
		{Kind: service.Denied, Cluster: "tokyo", Subject: "choria.federation.tokyo.stats"},
		{Kind: service.Denied, Cluster: "london", Subject: "choria.federation.london.stats"},
	}
	if !reflect.DeepEqual(e.news, want) {
		t.Fatalf("%+v", e.news)
	}
	want = append(want,
		service.News{Kind: service.Denied, Cluster: "tokyo", Subject: "choria.federation.tokyo.fedrelay.state", Publish: true},
		service.News{Kind: service.Denied, Cluster: "london", Subject: "choria.federation.london.fedrelay.state", Publish: true})
	if err := s.Ask(); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "both questions are denied", func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return reflect.DeepEqual(e.news, want)
	})
}
