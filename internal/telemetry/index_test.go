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
