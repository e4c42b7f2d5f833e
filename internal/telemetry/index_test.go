package telemetry

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// deniedView has a denied copy on one path, and a suspected server.
type deniedView struct{ fakeView }

func (v *deniedView) Paths() []Path {
	paths := v.fakeView.Paths()
	paths[0].LastDenied = "mcollective.node.a\x1b[31mb"
	paths[0].LastDeniedAt = time.Date(2026, 5, 1, 13, 0, 0, 0, time.UTC)
	return paths
}

func TestTheIndexShowsTheBooksAndTheLastDenials(t *testing.T) {
	v := &deniedView{fakeView{sides: exampleSides()}}
	v.sides[0].Connections[0].Suspected = time.Date(2026, 5, 1, 14, 0, 0, 0, time.UTC)
	v.ledgers[0].Receive(3)
	v.ledgers[0].Accept(3, 5)
	v.ledgers[0].Settle(pipeline.Denied, wire.OK, 1)
	text := get(t, start(t, v, Options{}), "/").body
	for _, want := range []string{
		"request path: received 3 = accepted 3 + rejected 0, copies 5 = ",
		" denied 1 ",
		"  last denied: mcollective.node.a [31mb at 2026-05-01T13:00:00Z\n",
		"reply path: received 0 ",
		"  last denied: none\n",
		"  receive: up, no answer since 2026-05-01T14:00:00Z, nats://c1.fed.example.net:4222",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// A line for each of many lanes would fill the page. Those that differ keep a line of their own.
func TestTheIndexShowsConnectionsThatAreAlikeOnce(t *testing.T) {
	v := &fakeView{sides: exampleSides()}
	at := time.Date(2026, 5, 1, 14, 0, 0, 0, time.UTC)
	lane := func(minute int, up bool, epoch uint64) Connection {
		since := at.Add(time.Duration(minute) * time.Minute)
		return Connection{Role: "publish", Up: up, URL: "nats://n1:4222", Since: since, Epoch: epoch}
	}
	v.sides[0].Connections = []Connection{
		{Role: "receive", Up: true, URL: "nats://n1:4222", Since: at, Epoch: 1},
		lane(1, true, 1), lane(3, true, 2), lane(2, true, 1), lane(4, false, 3), lane(5, true, 1),
	}
	text := get(t, start(t, v, Options{}), "/").body
	want := "  receive: up, nats://n1:4222, since 2026-05-01T14:00:00Z, epoch 1\n" +
		"  publish (3 connections): up, nats://n1:4222, since 2026-05-01T14:03:00Z, epoch 2\n" +
		"  publish: down, nats://n1:4222, since 2026-05-01T14:04:00Z, epoch 3\n" +
		"  publish: up, nats://n1:4222, since 2026-05-01T14:05:00Z, epoch 1\n"
	if !strings.Contains(text, want) {
		t.Errorf("want\n%s\nin\n%s", want, text)
	}
}
