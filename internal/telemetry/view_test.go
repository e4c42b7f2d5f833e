package telemetry

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/pipeline"
)

// fakeView is a relay made of plain values and two real ledgers.
type fakeView struct {
	ledgers  [2]pipeline.Ledger
	sides    []Side
	reasons  []string
	warnings []string
}

func (v *fakeView) Info() Info {
	return Info{Cluster: "london", Identity: `relay "1"\`, Version: "1.2.3"}
}

func (v *fakeView) Paths() []Path {
	return []Path{
		{Name: "request", Ledger: v.ledgers[0].Snapshot(), QueueMessages: 3, QueueBytes: 4096, BuffersInUse: 5, BufferBytes: 6000},
		{Name: "reply", Ledger: v.ledgers[1].Snapshot(), Unaccounted: 7},
	}
}

func (v *fakeView) Sides() []Side           { return v.sides }
func (v *fakeView) Ready() (bool, []string) { return len(v.reasons) == 0, v.reasons }
func (v *fakeView) Warnings() []string      { return v.warnings }
func (v *fakeView) Stats() any              { return map[string]any{"cluster": "london", "status": "OK"} }

// emptyView is a relay that has nothing to say yet.
type emptyView struct{ fakeView }

func (*emptyView) Paths() []Path { return nil }
func (*emptyView) Sides() []Side { return nil }

// endingView is an emptyView with a credential that ends. Without one there is no series of it.
type endingView struct{ emptyView }

func (*endingView) Sides() []Side {
	return []Side{{Name: "federation", Expiry: map[string]time.Time{"creds": time.Unix(0, 0)}}}
}

func exampleSides() []Side {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	return []Side{
		{
			Name: "federation", Up: true, Subscribed: true, URL: "nats://c1.fed.example.net:4222", Since: at,
			Connections: []Connection{
				{Role: "receive", Up: true, URL: "nats://c1.fed.example.net:4222", Since: at, Epoch: 2},
				{Role: "publish", Up: true, URL: "nats://c1.fed.example.net:4222", Since: at, Epoch: 1},
			},
			Events: map[string]int64{"connected": 3, "disconnected": 1},
		},
		{
			Name: "collective", URL: "nats://relay:s3cr3t@c1.ldn.example.net:4222", Since: at,
			LastError: "dial nats://relay:s3cr3t@c1.ldn.example.net:4222:\n connection refused", LastErrorAt: at,
			Connections: []Connection{{Role: "receive"}, {Role: "publish", Up: true}},
			Events:      map[string]int64{"connect_failed": 9, "struck_by_lightning": 2},
		},
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves v until the test ends.
func start(t *testing.T, v View, o Options) *Server {
	t.Helper()
	s, err := Serve("127.0.0.1:0", []View{v}, o)
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, s)
	return s
}

func stopAtEnd(t *testing.T, s *Server) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
}

// client keeps no idle connections, which would count as leaks.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, s *Server, path string) answer {
	t.Helper()
	return do(t, request(t, s, http.MethodGet, path))
}

func request(t *testing.T, s *Server, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func do(t *testing.T, r *http.Request) answer {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}
