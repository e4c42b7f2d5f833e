package relay_test

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// A statsSide is what an observer of the original broker reads about a side.
type statsSide struct {
	Source          string `json:"source"`
	Received        int    `json:"received"`
	Sent            int    `json:"sent"`
	LastMessage     int64  `json:"last_message"`
	ConnectedServer string `json:"connected_server"`
	WorkQueue       *int   `json:"work_queue"`
}

type statsDocument struct {
	Cluster    string                     `json:"cluster"`
	Instance   string                     `json:"instance"`
	Version    string                     `json:"version"`
	StartTime  int64                      `json:"start_time"`
	Status     string                     `json:"status"`
	Threads    map[string]json.RawMessage `json:"threads"`
	Federation statsSide                  `json:"federation"`
	Collective statsSide                  `json:"collective"`
}

func TestConformanceC52ObserversFindTheirStatistics(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		began := time.Now().Unix()
		b := newBench(t, embedded.Options{}, func(c *config.Config) {
			set(c)
			c.Stats.Publish = config.PublishTrue
		})
		b.publishStats(t)
		fed, col := b.taps[federation], b.taps[collective]
		fed.Send(b.subjects[federation], fill(v1fed(targets(app7, app8)), ""))
		fed.Send(b.subjects[federation], "not a message")
		for range 3 {
			col.Send(b.subjects[collective], string(b.outgoing(collective, []byte(fill(v1reply(savedReply("@R")), "")))))
		}
		raw := b.awaitStats(t, func(d statsDocument) bool {
			return d.Federation.Received == 2 && d.Collective.Sent == 2 && d.Federation.Sent == 3
		})
		checkStatsKeys(t, raw)
		d := parseStats(t, raw)
		if d.Cluster != "london" || d.Instance != "relay1" || d.Version != "test" || d.Status != "OK" || d.StartTime < began-1 {
			t.Errorf("who it is: %s", raw)
		}
		b.checkStatsSide(t, d.Federation, federation, 2)
		b.checkStatsSide(t, d.Collective, collective, 3)
		if d.Federation.LastMessage < began || d.Collective.LastMessage < began {
			t.Errorf("last messages: %s", raw)
		}
	})
}

// publishStats publishes the statistics of the relay, as its process would, until the test ends.
func (b *bench) publishStats(t *testing.T) {
	t.Helper()
	endpoint, err := link.NewEndpoint(link.Federation, config.Side{Servers: []string{b.networks.Federation.ClientURL()}})
	if err != nil {
		t.Fatal(err)
	}
	s := service.New(service.Options{
		Endpoint: endpoint, Duties: service.Duties{Publish: config.PublishTrue, Interval: 20 * time.Millisecond},
		Instances: []service.Instance{{
			Cluster: fedtest.Cluster, Identity: "relay1", Source: b.relay.Relay,
			Statistics: func() state.Statistics { return b.relay.Stats().(state.Statistics) },
		}},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// awaitStats returns the first document that is as ok wants it.
func (b *bench) awaitStats(t *testing.T, ok func(statsDocument) bool) []byte {
	t.Helper()
	deadline := time.Now().Add(fedtest.Patience)
	for time.Now().Before(deadline) {
		m := b.taps[federation].Next()
		if m.Subject != "choria.federation.london.stats" {
			continue
		}
		checkPlain(t, m)
		if ok(parseStats(t, m.Data)) {
			return m.Data
		}
	}
	t.Fatal("the statistics never say what happened")
	return nil
}

// checkPlain checks that a message has no reply subject and no headers.
func checkPlain(t *testing.T, m *nats.Msg) {
	t.Helper()
	if m.Reply != "" || len(m.Header) != 0 {
		t.Errorf("%s: reply subject %q, headers %v", m.Subject, m.Reply, m.Header)
	}
}

func parseStats(t *testing.T, raw []byte) (d statsDocument) {
	t.Helper()
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// checkStatsSide checks one side. received counts what was read, also what was rejected then.
func (b *bench) checkStatsSide(t *testing.T, got statsSide, s side, received int) {
	t.Helper()
	url := []string{b.networks.Federation.ClientURL(), b.networks.Collective.ClientURL()}[s]
	if got.Source != b.subjects[s] || got.ConnectedServer != url || got.WorkQueue == nil || got.Received != received {
		t.Errorf("%s: %+v", s, got)
	}
}

// checkStatsKeys holds the document against the keys that the original broker published.
func checkStatsKeys(t *testing.T, raw []byte) {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for k := range all {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	want := []string{
		"/stats", "cluster", "collective", "config_file", "federation", "instance", "start_time", "status", "threads", "version",
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
}
