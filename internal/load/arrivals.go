package load

import (
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// nobody is the account of requests that are not of this run.
type nobody struct{}

func (nobody) Deliver(int, int) {}

// Request makes a Generator the Books of nodes. Copies of requests that it did not ask are ignored.
func (g *Generator) Request(id string) fleet.Account {
	if r := g.find(id); r != nil {
		return r
	}
	return nobody{}
}

func (g *Generator) find(id string) *request {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.byID[id]
}

// receive runs on the subscription's goroutine.
func (g *Generator) receive(m *nats.Msg) {
	r := g.asked(m.Subject)
	if !compact.Is(m.Data) {
		g.take(r, m.Data, "")
		return
	}
	contents, reason := g.decoder.Open(m.Data, bundleLimits)
	if reason != wire.OK || contents.Kind != compact.KindReplies || string(contents.Address) != m.Subject {
		g.corrupt.Add(1)
		return
	}
	g.text, g.places = g.decoder.Append(g.text[:0], g.places[:0])
	for _, place := range g.places {
		g.take(r, place.Of(g.text), m.Subject)
	}
}

// bundleLimits are what a compact message may expand to. A relay or an edge makes much smaller
// ones.
var bundleLimits = compact.Limits{Bytes: 64 << 20, Messages: 1 << 20, Targets: 1}

// asked returns the request that a reply subject is of, or nil.
func (g *Generator) asked(subject string) *request {
	id := subject[len(g.writer.ReplyPrefix()) : len(subject)-len(g.writer.ReplyEnd())]
	if g.last == nil || g.last.id != id {
		g.last = g.find(id)
	}
	return g.last
}

// take counts one reply to r. bundle is the subject of the compact message that it was in, or
// empty.
func (g *Generator) take(r *request, raw []byte, bundle string) {
	if r == nil {
		g.strays.Add(1)
		return
	}
	g.replies.Add(1)
	node, ok := g.senders.Find(raw)
	if !ok {
		g.corrupt.Add(1)
		return
	}
	r.reply(node)
	if g.senders.Due() {
		g.checked.Add(1)
		if g.check(r, raw, bundle, node) != nil {
			g.corrupt.Add(1)
		}
	}
}

func (g *Generator) check(r *request, raw []byte, bundle string, node int) error {
	if bundle != "" {
		return g.senders.CheckExpanded(raw, r.id, bundle, node)
	}
	return g.senders.Check(raw, r.id, node)
}
