package load

import (
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
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
	id := m.Subject[len(g.writer.ReplyPrefix()):]
	r := g.last
	if r == nil || r.id != id {
		if r = g.find(id); r == nil {
			g.strays.Add(1)
			return
		}
		g.last = r
	}
	g.replies.Add(1)
	node, ok := g.senders.Find(m.Data)
	if !ok {
		g.corrupt.Add(1)
		return
	}
	r.reply(node)
	if g.senders.Due() {
		g.checked.Add(1)
		if g.senders.Check(m.Data, id, node) != nil {
			g.corrupt.Add(1)
		}
	}
}
