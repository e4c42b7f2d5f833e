package telemetry

import (
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// The names and labels are those of go-choria, which dashboards ask for.
func TestTheMetricsOfTheOriginalBrokerAreThereWhenAskedFor(t *testing.T) {
	v := &fakeView{}
	l := &v.ledgers[0]
	l.Receive(10)
	l.Accept(1, 200)
	l.Reject(wire.TooDeep)
	l.Reject(wire.Wildcard)
	l.Drop(3)
	l.Settle(pipeline.Confirmed, wire.OK, 150)
	l.Settle(pipeline.Unconfirmed, wire.OK, 5)
	l.Settle(pipeline.Denied, wire.OK, 7)
	v.ledgers[1].Receive(4)

	if body := get(t, start(t, v, Options{}), "/metrics").body; strings.Contains(body, "choria_") {
		t.Error("they are there without being asked for")
	}
	s := start(t, v, Options{ChoriaMetrics: true})
	e := scrapeOf(t, s)
	for _, want := range []struct {
		value                 float64
		metric, name, network string
	}{
		{10, "received_msgs", "nats_ingest", "federation"},
		{4, "received_msgs", "nats_ingest", "collective"},
		{1, "received_msgs", "choria_request_transformer", "unconnected"},
		{0, "received_msgs", "choria_reply_transformer", "unconnected"},
		{1, "received_msgs", "nats_egest", "collective"},
		{155, "published_msgs", "nats_egest", "collective"},
		{0, "published_msgs", "nats_egest", "federation"},
		{3, "errors", "nats_ingest", "federation"},
		{2, "errors", "choria_request_transformer", "unconnected"},
		{7, "errors", "nats_egest", "collective"},
	} {
		got := 0
		for _, series := range e.series {
			l := series.labels
			if series.name == "choria_federation_"+want.metric && l["name"] == want.name && l["connected_to"] == want.network {
				got++
				if series.value != want.value || l["worker"] != "0" || l["cluster"] != "london" || l["identity"] == "" || len(l) != 5 {
					t.Errorf("%+v: %+v", want, series)
				}
			}
		}
		if got != 1 {
			t.Errorf("%+v: %d series", want, got)
		}
	}
	if a := get(t, s, "/choria/metrics"); a.status != 200 || !strings.Contains(a.body, "choria_federation_errors") {
		t.Errorf("%d", a.status)
	}
}

func TestTheTimeThatTheOriginalBrokerShowsIsThatWhichTheRelayAdds(t *testing.T) {
	e := scrapeOf(t, start(t, &sealedView{}, Options{ChoriaMetrics: true}))
	const name = "choria_federation_time"
	labels := []string{"name", "nats_egest", "connected_to", "collective", "worker", "0"}
	if sum, n := e.sum(name+"_sum", labels...), e.sum(name+"_count", labels...); sum != 60.014 || n != 201 || e.types[name] != "summary" {
		t.Errorf("%v seconds of %v copies", sum, n)
	}
}
